"""Files made safe to look at: parsed by a child process that can reach nothing, shown as pixels that we encode."""
