"""What runs in the child process: reads a file that somebody hostile may have made. Imports nothing else of ours."""
