"""Exhaustive: every order of events in a small scope, with the protocol's own coroutines.

What runs is `mainstem.protocol` itself, over the stores of `mainstem.sim.stores`; what is
explored are all orders in which its calls of ports may happen, and all places for so many faults.
A task is what it runs and the results it was given, so a step is worked out once for each history
and each content of a store; from then on it is looked up, and a state is seven small numbers.

Covered, in every state that can be reached
- a call fails before it was done; a task dies, and what it wrote is there, lands later, or never;
  an error is told, and the write lands at once, later, or never; a feed and indexes that are weak
- commands asked again while they are being decided, by id and by key; claims; snapshots
- batches that overlap, are had again, are given up on; a process that begins anew with its log
- rules at every moment (`decided`, `ingested`): a journal without a hole, each command and key
  decided once, marked only what is on the feed, first occurrences on it in order, rows that are
  folds of what happened, what is done with shown or parked, answers that are true
- once faults stop: from each state, whether all tasks go on or all have died, a fair schedule
  ends within 400 steps, and everything is published and shown, and nothing waits

Left out without leaving out behaviour
- an error told after a write was done: that is a write that lands at once
- a write that may land late, and by its condition can't change anything any more
- a fault that leaves everything as it is; a refused write, where it goes on as if never landed
- tasks that are alike change places; of commands that say the same the first is asked first
- who begins makes the first call at once; a batch is had when the row is read, since whatever
  could be read from the feed before could be read then
- "is it parked?" is asked with the row, as long as nothing is; where no batch is given up on it is
  a rule that nothing ever is

Left out: what scopes bound (`scopes`), time, several shards and generations, intents, search,
poison, rebuilds, resharding. States are told apart by a hash of 64 bits.

    python -c "from mainstem.sim.exhaustive import explore, scopes; print(explore(scopes.WHOLE))"
"""

from mainstem.sim.exhaustive import scopes
from mainstem.sim.exhaustive.scope import Process, Scope, Sending, Wish
from mainstem.sim.exhaustive.search import Explored, Story, explore

__all__ = ["Explored", "Process", "Scope", "Sending", "Story", "Wish", "explore", "scopes"]
