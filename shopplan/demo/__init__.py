"""A demo shop with a known truth: daily sales and spend made from a fixed seed."""

from shopplan.demo.generator import Demo, generate, truth_path, write_truth
from shopplan.demo.settings import Settings, load_settings

__all__ = ["Demo", "Settings", "generate", "load_settings", "truth_path", "write_truth"]
