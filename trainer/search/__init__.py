"""The search over w_d, w_t, the margin and whatever else is asked for, under Ray Tune.

Ray Tune schedules the trials and stops bad ones; Optuna proposes settings; the run directories are
the truth. A study (`study.json`, `trials.csv`, a run per trial) is read through `core.studies`.
"""
