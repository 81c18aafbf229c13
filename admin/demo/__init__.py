"""The demonstration: invented offices, people and reports. Its sign-ins are printed by ``mingjing demo run``."""
