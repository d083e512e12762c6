using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Replication.Transport;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>
/// Nodes that run the product's membership, views and coordinator over a store, a network and a clock in memory. Their partitions are entries whose
/// primaries do what <see cref="PrimaryModel"/> says.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly ConcurrentQueue<(NodeId To, PartitionId Partition, ReplicaMessage Message)> _mail = [];
    private const double StepSeconds = 0.2;
    private const int QuietYields = 20;

    private readonly SortedSet<PartitionId> _partitions = [];
    private readonly ConcurrentQueue<string> _violations = [];
    private double _passed;
    private long _steps;

    private TestCluster() => Store.Written = (key, before, after) =>
    {
        if (key.StartsWith("partitions/", StringComparison.Ordinal) && before is not null)
        {
            Check(key, PartitionEntry.Parse(before.Value.Span).ToEntry(), PartitionEntry.Parse(after.Value.Span).ToEntry());
        }
    };

    public ManualTime Time { get; } = new();

    public MemoryStore Store { get; } = new();

    public MemoryNetwork Network { get; } = new();

    public CoordinatorOptions Options { get; init; } = new();

    public SortedDictionary<int, TestNode> Nodes { get; } = [];

    /// <summary>Told of every change of the table, on the thread that makes it.</summary>
    public Action<TableEntry, TableEntry>? Changed { get; set; }

    /// <summary>Primaries do not answer: what they were told stays in the mail.</summary>
    public bool PrimariesRest { get; set; }

    public IEnumerable<TestNode> Up => Nodes.Values.Where(static node => node.IsUp);

    public TestNode? Coordinator => Up.FirstOrDefault(node => Store.HolderOf("coordinator") == node.Name);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync(int nodes, int rf = 3, CoordinatorOptions? options = null)
    {
        var cluster = new TestCluster { Options = options ?? new CoordinatorOptions() };
        await new PlacementStore(cluster.Store.Open()).LoadOrCreateAsync(256, 1, ReplicaNumbers.WithMajority(rf), Token);
        foreach (var number in Enumerable.Range(1, nodes))
        {
            await cluster.JoinAsync(number);
        }

        await cluster.UntilAsync(
            () => cluster.Up.All(node => node.View.Nodes.Count(static other => other.State == NodeState.Active) == nodes), 30, "every node sees all active");
        return cluster;
    }

    public async Task<TestNode> JoinAsync(int number, string? zone = null, bool serves = true)
    {
        var node = new TestNode(this, number, zone ?? $"z{number % 3}");
        Nodes[number] = node;
        var join = node.Module.JoinAsync(Token);
        await UntilAsync(() => join.IsCompleted, 60, $"node {number} joins");
        await join;
        if (serves)
        {
            node.Module.Serve(new Mail(this), node);
        }

        return node;
    }

    /// <summary>A partition as its first writer makes it, in the order of the placement planner, or on these nodes.</summary>
    public void Create(int partition, params int[] nodes)
    {
        var id = new PartitionId(partition);
        var view = Up.First().View;
        var members = nodes.Length > 0 ? nodes : [.. PlacementPlanner.NewPartition(view, id, 3).Select(static node => int.Parse(node.Id, System.Globalization.NumberStyles.HexNumber, null))];
        _partitions.Add(id);
        Write(id, TestNodes.Entry(1, members.Length, members).ToEntry(), null);
    }

    public TableEntry Entry(int partition) => Read(new PartitionId(partition)).Entry;

    public IEnumerable<(PartitionId Partition, TableEntry Entry)> Entries() => _partitions.Select(partition => (partition, Read(partition).Entry));

    /// <summary>A node is cut off from everything; its leases run out ten seconds later.</summary>
    public void Cut(int number)
    {
        var node = Nodes[number];
        node.IsUp = false;
        node.Store.IsCut = true;
        foreach (var other in Nodes.Values.Where(other => other != node))
        {
            Network.Cut(node.Id, other.Id);
        }
    }

    /// <summary>Its process is not there any more, and its leases have run out.</summary>
    public async Task CrashAsync(int number)
    {
        Cut(number);
        await PassAsync(10);
        Nodes[number].Store.EndLeases();
    }

    /// <summary>A new process in the place of one that was cut off.</summary>
    public async Task<TestNode> RestartAsync(int number, string? zone = null)
    {
        var old = Nodes[number];
        await old.DisposeAsync();
        foreach (var other in Nodes.Values)
        {
            Network.Heal(old.Id, other.Id);
        }

        return await JoinAsync(number, zone);
    }

    public int LoadOf(int number) => Entries().Count(item => item.Entry.InSyncOn(TestNodes.Id(number)) is not null || item.Entry.LearnerOn(TestNodes.Id(number)) is not null);

    public int LeadsOf(int number) => Entries().Count(item => item.Entry.Primary == TestNodes.Id(number));

    public async Task UntilAsync(Func<bool> condition, double seconds, string what)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var waited = 0.0; !condition(); waited += StepSeconds)
        {
            Assert.True(waited < seconds, $"not within {seconds} s: {what}");
            await StepAsync(pause);
        }
    }

    public async Task PassAsync(double seconds)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var passed = 0.0; passed < seconds; passed += StepSeconds)
        {
            await StepAsync(pause);
        }
    }

    /// <summary>Runs a call that needs the clock to go on.</summary>
    public async Task<T> RunAsync<T>(Task<T> task)
    {
        await UntilAsync(() => task.IsCompleted, 60, "the call ends");
        return await task;
    }

    public async Task RunAsync(Task task)
    {
        await UntilAsync(() => task.IsCompleted, 60, "the call ends");
        await task;
    }

    /// <summary>What an operator forces breaks rules that hold otherwise.</summary>
    public void ForgiveViolations() => _violations.Clear();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(_violations);
        foreach (var node in Nodes.Values)
        {
            await node.DisposeAsync();
        }
    }

    private async Task StepAsync(PeriodicTimer pause)
    {
        Time.Advance(TimeSpan.FromSeconds(StepSeconds));
        var quiet = 0;
        for (var i = 0; i < 2000 && quiet < QuietYields; i++)
        {
            // What the step set going runs meanwhile.
            await Task.Yield();
            quiet = ThreadPool.PendingWorkItemCount == 0 ? quiet + 1 : 0;
        }

        // A busy machine may let some of it wait: the clock waits too.
        for (var i = 0; i < 1000 && (Network.UnderWay > 0 || (i == 0 && ++_steps % 5 == 0)); i++)
        {
            await pause.WaitForNextTickAsync(Token);
        }

        Deliver();
        _passed += StepSeconds;
        if (_passed >= 0.99)
        {
            _passed = 0;
            Progress();
        }
    }

    private void Deliver()
    {
        while (!PrimariesRest && _mail.TryDequeue(out var mail))
        {
            var (entry, revision) = Read(mail.Partition);
            if (entry.Primary == mail.To && IsUp(mail.To) && !Store.IsDown)
            {
                Change(mail.Partition, entry, revision, PrimaryModel.Follow(entry, mail.Message));
            }
        }
    }

    private void Progress()
    {
        foreach (var partition in _partitions)
        {
            var (entry, revision) = Read(partition);
            if (IsUp(entry.Primary))
            {
                if (!PrimariesRest && !Store.IsDown)
                {
                    Change(partition, entry, revision, PrimaryModel.CatchUp(entry, IsUp));
                }

                continue;
            }

            foreach (var node in Up.Where(node => entry.InSyncOn(node.Id) is not null))
            {
                node.Module.Reports.PrimaryMissing(partition, entry.Term);
            }
        }
    }

    private bool IsUp(NodeId node) => Up.Any(up => up.Id == node);

    private (TableEntry Entry, string Revision) Read(PartitionId partition)
    {
        var document = Store.Peek(PartitionEntry.KeyOf(partition))!;
        return (PartitionEntry.Parse(document.Value.Span).ToEntry(), document.Revision);
    }

    private void Change(PartitionId partition, TableEntry entry, string revision, TableEntry next)
    {
        if (next != entry)
        {
            Write(partition, next, revision);
        }
    }

    private void Write(PartitionId partition, TableEntry entry, string? revision)
    {
        if (Store.Put(PartitionEntry.KeyOf(partition), entry.ToDocument().Serialize(), revision) is not null)
        {
            Up.FirstOrDefault(node => entry.InSyncOn(node.Id) is not null)?.Module.Views.Learned(partition, entry.ToDocument());
        }
    }

    private void Check(string key, TableEntry before, TableEntry after)
    {
        var isFine = after.Version > before.Version
            && (after.Primary == before.Primary ? after.Term >= before.Term : after.Term > before.Term && before.InSyncOn(after.Primary) is not null)
            && after.InSyncOn(after.Primary) is not null
            && after.InSync.Length >= Math.Min(after.MinInSync, before.InSync.Length);
        if (!isFine)
        {
            _violations.Enqueue($"{key}: {before} became {after}");
        }

        Changed?.Invoke(before, after);
    }

    internal sealed class Mail(TestCluster cluster) : IReplicaTransport
    {
        public void Send(NodeId to, PartitionId partition, ReplicaMessage message) => cluster._mail.Enqueue((to, partition, message));

        public bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open) => throw new NotSupportedException();
    }
}
