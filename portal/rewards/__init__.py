"""Rewards for reports (举报奖励): schedules as data, and one assessment that says how it came to its figure."""
