"""A stand-in for Kinesis: its JSON protocol and its ways to fail, in a process of its own."""
