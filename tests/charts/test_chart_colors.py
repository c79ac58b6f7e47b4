"""The channel palette stands out on both backgrounds and stays apart for colour-blind readers."""

from itertools import combinations

import numpy as np
import pytest

from shopplan.charts import PALETTE, channel_color
from shopplan.charts.theme import DARK, LIGHT, Ink

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
JUST_APART = 12.0
"""Distance in CIE Lab; about five times what a trained eye can just tell apart side by side."""


def linear(color: str) -> np.ndarray:
    srgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])
def test_channel_colours_stand_out_on_the_background(ink: Ink) -> None:
    assert min(contrast(color, ink.background) for color in PALETTE) >= 3


@pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_and_lines_are_visible(ink: Ink) -> None:
    for color in (ink.text, ink.muted):
        assert contrast(color, ink.background) >= 4.5
    for color in (ink.accent, ink.good, ink.bad):
        assert contrast(color, ink.background) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_any_two_channels_stay_apart(vision: str) -> None:
    seen = [lab(np.array(VISION[vision]) @ linear(color)) for color in PALETTE]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= JUST_APART


def test_a_position_has_one_colour_and_the_palette_starts_again() -> None:
    assert [channel_color(i) for i in range(len(PALETTE))] == list(PALETTE)
    assert channel_color(len(PALETTE)) == PALETTE[0]
