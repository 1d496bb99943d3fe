"""The parts of the Compare page: which checkpoints, their answers, what changed, maps, votes."""
