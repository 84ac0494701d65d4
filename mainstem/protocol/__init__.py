"""The protocol: coroutines over ports, with no other I/O, no clock, no threads.

Five rules carry most of the safety.
R1: a bundle holds all of an aggregate's unpublished records, in order.
R2: a record is marked published only once a put that held it was acknowledged.
R3: a consumer never blocks on a gap and never skips one.
R4: an auditor compares what was committed with what each sink shows.
R5: state is written only by code with the same fold fingerprint.
"""
