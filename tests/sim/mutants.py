"""Single changes to the protocol, each of which loses, doubles, disorders or forgets something."""

from __future__ import annotations

from tests.sim.mutation import Mutant

MUTANTS = (
    # COMMIT
    Mutant("a retried command is not looked for", "commit",
        "return loaded.answered", "return None"),
    Mutant("an idempotency key is not looked for", "commit",
        "kept = None if order.once is None else await journal.kept(order.once)", "kept = None"),
    Mutant("a key stands for any request", "commit",
        "if kept.digest != order.once.digest:", "if False:"),
    Mutant("a key is looked for before the load", "commit",  # as it was once: see test_found.py
        "        loaded = await journal.load(order.aggregate, order.number, wanted)\n"
        "        if (before := await _before(journal, order, loaded)) is not None:",
        "        empty = Loaded({}, (), None, 0)\n"
        "        if (before := await _before(journal, order, empty)) is not None:\n"
        "            return Outcome(before, before.last, again=True)\n"
        "        loaded = await journal.load(order.aggregate, order.number, wanted)\n"
        "        if (before := loaded.answered) is not None:"),
    Mutant("a lost race is taken for won", "commit",
        "if verdict is not Verdict.LOST:", "if True:"),
    Mutant("a claim that is taken is taken for won", "commit",
        "if verdict is Verdict.TAKEN:", "if False:"),
    Mutant("what nobody knows of is taken for done", "commit",
        "            trouble = error  # load again: our command's record is there, or it is not\n"
        "            continue",
        "            trouble, verdict = error, Verdict.COMMITTED"),
    Mutant("claims are not made", "commit",
        "return Claims(after - before, before - after)", "return Claims()"),
    Mutant("claims are never let go", "commit",
        "return Claims(after - before, before - after)", "return Claims(after - before)"),
    Mutant("the second event has the first one's version", "commit",
        "numbered = enumerate(decision.events, standing.version + 1)",
        "numbered = [(standing.version + 1, one) for one in decision.events]"),
    Mutant("a lost race is told as taken", "commit",
        "if verdict is Verdict.TAKEN:", "if verdict in (Verdict.TAKEN, Verdict.LOST):"),
    Mutant("a key stands for no request", "commit",
        "if kept.digest != order.once.digest:", "if True:"),
    Mutant("what nobody knows of is refused", "commit",
        "            trouble = error  # load again: our command's record is there, or it is not\n"
        "            continue\n",
        '            raise Refused("try later") from error\n'),
    Mutant("a no that is recorded is heard as a yes", "answers",
        "        raise _refusal(said)\n", "        return None\n"),
    Mutant("answers are forgotten", "answers",
        'said = {"granted": answer}', 'said = {"granted": None}'),
    Mutant("a no is told in other words", "answers",
        '{"refused": no.reason, "as": kind}', '{"refused": "no", "as": kind}'),
    Mutant("whoever is answered again is told another time", "commit",
        "record.last, answer, True, again, created, record.at)",
        "record.last, answer, True, again, created, 0 if again else record.at)"),
    Mutant("events forget who asked", "commit",
        "at=micros(asked.at), by=asked.by,", 'at=micros(asked.at), by="nobody",'),
    Mutant("events forget their command", "commit",
        "command=order.number, cause=", 'command="nobody", cause='),
    # PUBLISH and SWEEP
    Mutant("marked before it is put", "publish",
        "(acknowledged,) = await feed.put([Bundle(aggregate.key, bundled(lines))])\n"
        "        if not acknowledged:\n            return False\n",
        "await journal.mark(aggregate, tuple(record.first for record in some))\n"
        "        (acknowledged,) = await feed.put([Bundle(aggregate.key, bundled(lines))])\n"
        "        if not acknowledged:\n            return False\n"),
    Mutant("marked though it was not acknowledged", "publish",
        "if not acknowledged:\n            return False\n", ""),
    Mutant("the newest record alone is put", "publish",
        "for some in _in_bundles(records):", "for some in _in_bundles(records[-1:]):"),
    Mutant("the oldest record alone is put, all are marked", "publish",
        "lines = [line for record in some for line in record.events]",
        "lines = list(some[0].events)"),
    Mutant("hints below are never marked", "publish",
        "if below:  #", "if False:  #"),
    Mutant("the sweeper never publishes", "sweep",
        "done += await publish(journal, feed, aggregate, firsts)", "pass"),
    Mutant("a bundle goes on after one that was refused", "publish",
        "            return False\n", "            continue\n"),
    # CONSUME
    Mutant("everything waits", "consume",
        "if await into.parks.waits(into.generation, aggregate):", "if True:"),
    Mutant("every fact waits", "lanes",
        "if await into.parks.waits(into.generation, aggregate):", "if True:"),
    Mutant("a lane counts what it knows", "lanes",
        "Lane(sequence, lane.bundles + fresh,", "Lane(sequence, lane.bundles + 1,"),
    Mutant("what is torn is kept without its bytes", "received",
        "arrived.key, arrived.data,", 'arrived.key, b"",'),
    Mutant("an effect says nothing", "change",
        "said = told(effect)", 'said = b"{}"'),
    Mutant("reactions see a row that is not there", "change",
        "state = self.sink.state(id=self.aggregate.id, key=key, cells=self.rows.get(key))",
        "state = self.sink.state(id=self.aggregate.id, key=key, cells=None)"),
    Mutant("words are put under another tenant", "search",
        "return Document(aggregate.tenant,", 'return Document("other",'),
    Mutant("rows are written whatever folded them", "consume",
        "if self.generation.fingerprint != self.sink.fingerprint:", "if False:"),
    Mutant("a gap is skipped", "consume",
        "while next in by_version:\n        run.append(by_version[next])\n"
        "        next += 1\n    return run",
        "return [by_version[one] for one in sorted(by_version)]"),
    Mutant("a gap is not parked", "consume",
        "await _park_rest(into, aggregate, run, done, stopped)\n            break",
        "break"),
    Mutant("parked as high as the lowest", "consume",
        "await into.wait(aggregate, max(versions), why",
        "await into.wait(aggregate, min(versions), why"),
    Mutant("behind what is parked the lowest counts", "consume",
        "await into.wait(aggregate, max(one.version for one in fresh)",
        "await into.wait(aggregate, min(one.version for one in fresh)"),
    Mutant("a lost write is taken for done", "consume",
        "continue  # another invocation was here: read again", "pass"),
    Mutant("what failed is done with", "consume",
        "failed.append(run[0].position[0])", "pass"),
    Mutant("after what failed is gone on", "consume",
        "return min(failed, default=None)", "return max(failed, default=None)"),
    # lanes
    Mutant("a bundle sent twice is new", "lanes",
        "fresh = header.n > high or header.n in missing", "fresh = True"),
    Mutant("a hole is forgotten", "lanes",
        "fresh = header.n > high or header.n in missing", "fresh = header.n > high"),
    Mutant("producers are not told apart", "lanes",
        "producers.get(header.producer, (0, (), 0))",
        "max(producers.values(), default=(0, (), 0))"),
    Mutant("the lane moves past what failed", "lanes",
        "if lowest is None or one.sequence < lowest][-1]", "][-1]"),
    Mutant("a fact is applied again", "lanes",
        "fresh = [one for one in run if one.position > head.applied]", "fresh = list(run)"),
    Mutant("facts pass what waits", "lanes",
        "if await into.parks.waits(into.generation, aggregate):", "if False:"),
    Mutant("the lane moves before its rows", "lanes",
        "    failed = []\n    for aggregate, run in facts.items():",
        "    await into.rows.move(into.generation, lane, read, evicted(states[-1]))\n"
        "    failed = []\n    for aggregate, run in facts.items():"),
    # REPAIR
    Mutant("let go without looking", "repair",
        "if await into.parks.unpark(into.generation, aggregate, head.version, head.applied):",
        "if await into.parks.unpark(into.generation, aggregate, 2**60, (2**60, 0)):"),
    Mutant("repair never folds", "repair",
        "why = await fold_on(into, journal, aggregate, skip=skip)", 'why = ""'),
    Mutant("repair begins one too late", "repair",
        "return [one for one in found if after < one.version",
        "return [one for one in found if after + 1 < one.version"),
    # AUDIT
    Mutant("nobody is behind", "audit",
        "if row.version >= version:", "if True:"),
    Mutant("the auditor passes over the young", "audit",
        "upto = young[0].before if young else touched[-1].place", "upto = touched[-1].place"),
    Mutant("one behind is called caught up", "audit",
        "if row.version >= version:", "if row.version >= version - 1:"),
    # SEARCH
    Mutant("the place is noted before the documents are put", "search",
        "    await search.put(generation, documents)\n"
        "    await generations.note(generation, SEARCHED, str(changes[-1].place))\n",
        "    await generations.note(generation, SEARCHED, str(changes[-1].place))\n"
        "    await search.put(generation, documents)\n"),
    Mutant("only the first change is indexed", "search",
        "documents = [await _document(sink, generation, rows, *one) for one in touched]",
        "documents = [await _document(sink, generation, rows, *one) for one in list(touched)[:1]]"),
    # what follows from events
    Mutant("effects of some events are forgotten", "change",
        "if happening.arrived < self.sink.since.get(name, 0):", 'if record["version"] > 3:'),
    Mutant("an effect is asked for once a fold", "change",
        'yield Intent(self.aggregate, record["version"], name, n, said, record["at"])',
        'yield Intent(self.aggregate, self.head.version, name, n, said, record["at"])'),
    Mutant("an event that nobody hears does not count", "change",
        "self.version, self.applied = version, happening.position",
        "self.version = version if self.touched else self.head.version\n"
        "        self.applied = happening.position"),
    Mutant("rows of keys that are gone stay", "change",
        "rows={row.key: _fitting(row.after) for row in rows},",
        "rows={row.key: _fitting(row.after) for row in rows if row.after is not None},"),
    Mutant("what is poison takes the whole run with it", "change",
        "before = changed(sink, head, run[: version - head.version - 1], skip)",
        "before = Changed(None, None)"),
    # what arrives
    Mutant("what nobody can read is let go", "received",
        "await parks.quarantine(", "await clock.now() or await parks.quarantine("),
    Mutant("other domains' events are this one's", "received",
        "return tuple(one for one in received if domain_of(one.arrived.key) == domain.name)",
        "return tuple(received)"),
    # how an aggregate stands
    Mutant("a snapshot is taken up with a version too many", "standing",
        "if envelope.version > after.get(state.__name__, 0):",
        "if envelope.version > after.get(state.__name__, 0) + 1:"),
    Mutant("a snapshot says that it is one further", "standing",
        "self.version, printed(state), msgspec", "self.version + 1, printed(state), msgspec"),
    # REFOLD
    Mutant("a rebuild goes on after what it has not folded", "refold",
        "why = await fold_on(into, journal, aggregate, upto=upto)", 'why = ""'),
    Mutant("a rebuild leaves out what waits", "refold",
        "if parked is not None:", "if False:"),
    # INGEST
    Mutant("everything is said to be there", "ingest",
        "            if acknowledged:\n", "            if True:\n"),
    Mutant("what comes behind goes first after an error", "ingest",
        "                waiting.tries += 1\n",
        "                waiting.tries += 1\n                waiting.bundles.rotate(-1)\n"),
    Mutant("what the log holds is done with before it is put", "ingest",
        "    done = await outbox.step(feed, clock) if outbox.lanes else ()\n",
        "    await log.done([one.bundles[0] for one in outbox.lanes.values()])\n"
        "    done = await outbox.step(feed, clock) if outbox.lanes else ()\n"),
)  # fmt: skip

# Noticed as well, once in many thousand lives: see test_found.py.
RARE = (
    Mutant("who loses for the last time does not look", "commit",
        "for attempt in range(DECIDE_MAX + 1):", "for attempt in range(DECIDE_MAX):"),
)  # fmt: skip
