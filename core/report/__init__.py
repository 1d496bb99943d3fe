"""A report: one page that shows what runs have learned, for somebody who has no server.

Everything comes from the run directories; the page holds its pictures, asks nothing of any network
and runs no script.
"""

from core.report.material import Material, gather
from core.report.page import LARGEST, MOST_RUNS, check_target, make_report

__all__ = ["LARGEST", "MOST_RUNS", "Material", "check_target", "gather", "make_report"]
