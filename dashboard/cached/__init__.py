"""Everything that is kept between script runs, in one place: a module for each topic.

Keys hold every input: the run's path, a stamp of the files that can change (modification time and
size), the epoch, the settings. What is cached is read only and shared by all sessions.
"""

from dashboard.cached.answers import galleries, gallery, keeping, photo_attention, searcher
from dashboard.cached.data import failures, kept_data, packed, packing, whole_data
from dashboard.cached.probes import correct, journey, maps, thumbnails
from dashboard.cached.runs import RunView, probe, replay, run_view, summaries, weights
from dashboard.cached.studies import StudyView, all_studies, importance, study_stamp, study_view

__all__ = [
    "RunView",
    "StudyView",
    "all_studies",
    "correct",
    "failures",
    "galleries",
    "gallery",
    "importance",
    "journey",
    "keeping",
    "kept_data",
    "maps",
    "packed",
    "packing",
    "photo_attention",
    "probe",
    "replay",
    "run_view",
    "searcher",
    "study_stamp",
    "study_view",
    "summaries",
    "thumbnails",
    "weights",
    "whole_data",
]
