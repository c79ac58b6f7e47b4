"""The planning model: `run` turns a `Scenario` and a `Baseline` into a `PlanResult`; pure numpy, deterministic."""

from shopplan.plan.baseline import Baseline, Channel, Initiative, Phase, Role
from shopplan.plan.levers import Values, limits, resolve
from shopplan.plan.result import Milestone, Note, PlanResult
from shopplan.plan.run import run

__all__ = [
    "Baseline",
    "Channel",
    "Initiative",
    "Milestone",
    "Note",
    "Phase",
    "PlanResult",
    "Role",
    "Values",
    "limits",
    "resolve",
    "run",
]
