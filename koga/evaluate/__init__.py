"""What came of it: panels from release tables, effects, design checks, findings. No Django."""
