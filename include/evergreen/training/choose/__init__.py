"""What the finished study comes to: a trial or a mix, its calibration and its threshold."""
