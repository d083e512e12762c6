using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Xunit;

namespace Common.Tests.Log;

/// <summary>Power losses at seeded moments: what was acknowledged is there afterwards, in order and unchanged.</summary>
public sealed class JournalCrashTests
{
    private const int Seeds = 500;

    [Fact]
    public void KeepsEveryAcknowledgedRecord_AtAnyPowerLoss()
    {
        var acknowledged = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var result = Run(seed, ignoreSyncs: false);
            Assert.True(result.Error is null, $"seed {seed}: {result.Error}");
            acknowledged += result.Acknowledged;
        }

        Assert.True(acknowledged > Seeds * 10, $"only {acknowledged} records were acknowledged: the test tests little");
    }

    [Fact]
    public void FindsTheLoss_WhenSyncsDoNothing()
    {
        Assert.Contains(Enumerable.Range(0, Seeds), static seed => Run(seed, ignoreSyncs: true).Error is not null);
    }

    private static (string? Error, int Acknowledged) Run(int seed, bool ignoreSyncs)
    {
        var random = new Random(seed);
        using var fixture = new JournalFixture(seed);
        fixture.Disk.IgnoresSyncs = ignoreSyncs;
        var ledger = new Ledger();
        var next = new long[4];
        var released = new long[4];
        for (var life = 1; life <= 4; life++)
        {
            Journal journal;
            try
            {
                journal = fixture.Open(segmentBytes: 4000, maxRoundBytes: 2000);
            }
            catch (IOException)
            {
                // The power went while it opened.
                fixture.Disk.Crash();
                continue;
            }

            if (Verify(journal, ledger, released, next) is { } error)
            {
                journal.Abandon();
                return (error, 0);
            }

            fixture.Disk.LosePowerAfter(random.Next(1, 60));
            try
            {
                for (var i = 0; i < 200; i++)
                {
                    var partition = random.Next(4);
                    var payload = new byte[random.Next(600)];
                    random.NextBytes(payload);
                    next[partition]++;
                    ledger.Payloads[(partition, life, next[partition])] = Convert.ToHexString(payload);
                    journal.Append(new PartitionId(partition), life, next[partition], RecordKind.Samples, payload, ledger);
                    if (random.Next(3) == 0)
                    {
                        SpinWait.SpinUntil(() => journal.PendingBytes == 0 || journal.Failure is not null);
                    }

                    if (random.Next(20) == 0)
                    {
                        var seq = ledger.LastOf(partition);
                        released[partition] = Math.Max(released[partition], seq);
                        journal.Release(new PartitionId(partition), seq);
                    }
                }
            }
            catch (IOException)
            {
            }

            SpinWait.SpinUntil(() => journal.PendingBytes == 0 || journal.Failure is not null);
            if (random.Next(4) == 0)
            {
                journal.Dispose();
            }
            else
            {
                journal.Abandon();
            }

            if (random.Next(3) == 0)
            {
                fixture.Disk.Kill();
            }
            else
            {
                fixture.Disk.Crash();
            }
        }

        using var last = fixture.Open();
        return (Verify(last, ledger, released, next), ledger.Acknowledged.Count);
    }

    private static string? Verify(Journal journal, Ledger ledger, long[] released, long[] next)
    {
        var found = new HashSet<(int, long, long)>();
        if (journal.Recovery.Damage.Count > 0)
        {
            return $"damage at {journal.Recovery.Damage[0]}";
        }

        Array.Copy(released, next, next.Length);
        foreach (var record in JournalFixture.ReadAll(journal))
        {
            if (!ledger.Payloads.TryGetValue((record.Partition, record.Term, record.Seq), out var payload) || payload != record.Payload)
            {
                return $"{record} was never written";
            }

            found.Add((record.Partition, record.Term, record.Seq));
            next[record.Partition] = Math.Max(next[record.Partition], record.Seq);
        }

        foreach (var name in ledger.Acknowledged)
        {
            if (name.Seq > released[name.Partition] && !found.Contains(name))
            {
                return $"acknowledged {name} is lost";
            }
        }

        for (var partition = 0; partition < next.Length; partition++)
        {
            if (journal.Recovery.MayHaveLost(new PartitionId(partition), released[partition]))
            {
                return $"partition {partition} is said to have lost records";
            }
        }

        return null;
    }

    private sealed class Ledger : IJournalCompletion
    {
        public Dictionary<(int Partition, long Term, long Seq), string> Payloads { get; } = [];

        public HashSet<(int Partition, long Term, long Seq)> Acknowledged { get; } = [];

        public long LastOf(int partition)
        {
            lock (Acknowledged)
            {
                return Acknowledged.Where(name => name.Partition == partition).Select(static name => name.Seq).DefaultIfEmpty().Max();
            }
        }

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error)
        {
            if (error is null)
            {
                lock (Acknowledged)
                {
                    Acknowledged.Add((partition.Value, term, seq));
                }
            }
        }
    }
}
