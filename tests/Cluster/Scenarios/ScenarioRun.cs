using System.Globalization;
using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Scenarios;

/// <summary>
/// A scenario under way: load, questions, events, and what has to come true by when. Every wait ends at once when a promise is seen broken.
/// </summary>
internal sealed class ScenarioRun
{
    private const double FullGoodput = 0.9;

    // Senders write ten records a second; what a partition writes for itself is far less.
    private const long FewRecords = 3;

    private readonly ScenarioParts _parts;
    private readonly List<string> _events = [];
    private readonly List<string> _kept = [];
    private TimeSpan _fault;
    private TimeSpan? _resumed;
    private TimeSpan? _goodput;
    private TimeSpan? _redundant;

    private ScenarioRun(ScenarioParts parts)
    {
        _parts = parts;
    }

    public ICluster Cluster => _parts.Cluster;

    public ScenarioTimes Times => _parts.Times;

    private TimeSpan Now => _parts.Clock.Now;

    /// <summary>Carries a scenario out against a cluster and returns what was measured; <see cref="ScenarioFailedException"/> where a promise is broken.</summary>
    public static async Task<ScenarioResult> RunAsync(Scenario scenario, ICluster cluster, ScenarioTimes times, RunDirectory directory)
    {
        await using var parts = await ScenarioParts.StartAsync(scenario, cluster, times, directory);
        var run = new ScenarioRun(parts);
        await run.WarmUpAsync();
        await scenario.Body(run);
        return await run.FinishAsync();
    }

    /// <summary>Says that something happens now; what has to follow is measured from here.</summary>
    public void Mark(string what)
    {
        Note(what);
        _fault = Now;
        if (_parts.Broken() is { } broken)
        {
            throw Failed($"before that: {broken}");
        }
    }

    /// <summary>Lets the fault last.</summary>
    public Task LastsAsync() => LastsAsync(Times.FaultLasts);

    /// <summary>Goes on for a while, in which no promise may be broken.</summary>
    public async Task LastsAsync(TimeSpan time)
    {
        for (var until = Now + time; Now < until;)
        {
            ThrowIfBroken();
            await Task.Delay(Times.Look < until - Now ? Times.Look : TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Every sender gets something acknowledged that it sent after the fault.</summary>
    public Task WritesResumeAsync() => WritesResumeAsync(Times.Resume);

    /// <summary>As above, where nothing needs to be elected.</summary>
    public Task WritesGoOnAsync() => WritesResumeAsync(Times.Hiccup);

    /// <summary>Every sender gets at least nine tenths of what it offers acknowledged.</summary>
    public async Task GoodputReturnsAsync()
    {
        var load = _parts.Load;
        TimeSpan? at = null;
        await UntilAsync(
            () => Task.FromResult((at = Goodput.ReturnedAt(load.Journal.Deliveries, load.Options, FullGoodput, Times.GoodputWindow, _fault, Now)) is null ? "some sender gets less" : null),
            LeftOf(Times.Goodput + Times.GoodputWindow),
            "every sender has nine tenths of its samples acknowledged");
        _goodput = Later(_goodput, Within(Times.Goodput, at!.Value, "every sender had nine tenths of its samples acknowledged"));
    }

    /// <summary>The partitions that are written to now, by number.</summary>
    public async Task<IReadOnlyList<PartitionState>> WrittenPartitionsAsync()
    {
        var before = await _parts.ReadStateAsync();
        await LastsAsync(Times.Look * 4);
        var state = await _parts.ReadStateAsync();
        return [.. state.Entries.Where(e => state.Led(e.Partition) >= before.Reached(e.Partition) + FewRecords).OrderBy(static e => e.Partition)];
    }

    /// <summary>Primaries of these partitions, which others may lead by now, go on writing to their logs.</summary>
    public async Task PartitionsGoOnAsync(IReadOnlyList<PartitionState> partitions)
    {
        ClusterState? first = null;
        await UntilAnsweredAsync(
            async () =>
            {
                var state = await _parts.ReadStateAsync();
                first ??= state;
                var waiting = partitions.FirstOrDefault(p => state.Led(p.Partition) < first.Reached(p.Partition) + FewRecords);
                return waiting is null ? null : $"partition {waiting.Partition} stands at {state.Reached(waiting.Partition)}";
            },
            LeftOf(Times.Resume),
            $"partitions {string.Join(", ", partitions.Select(static p => p.Partition))} go on");
    }

    /// <summary>A counter of all running nodes together.</summary>
    public async Task<long> CountAsync(string counter)
    {
        var counts = await Task.WhenAll(Cluster.Nodes.Where(static n => n.IsRunning).Select(n => _parts.Client.CounterAsync(n, counter, CancellationToken.None)));
        return counts.Sum();
    }

    /// <summary>All partitions have their replicas in sync, on running nodes in different zones.</summary>
    public async Task RedundancyReturnsAsync()
    {
        await RedundantAsync(LeftOf(Times.Redundancy));
        _redundant = Later(_redundant, Now - _fault);
    }

    /// <summary>Every replica is where the coordinator wants it, and so is every primary.</summary>
    public Task SettlesAsync() => UntilAnsweredAsync(
        async () =>
        {
            var status = await _parts.Client.DataAsync(Cluster.Nodes.First(static n => n.IsRunning), "/api/v1/cluster/status", CancellationToken.None);
            return status.GetProperty("fromCoordinator").GetBoolean() && status.GetProperty("unsettled").GetInt32() == 0 && status.GetProperty("movesUnderWay").GetInt32() == 0
                ? null
                : status.GetRawText();
        },
        Times.Redundancy,
        "nothing is to be moved any more");

    /// <summary>Counts replicas that are moved from now on.</summary>
    public MoveCount CountMoves() => new(Cluster, _parts.Client, Times.Ask);

    /// <summary>A promise of the scenario itself.</summary>
    public void Expect(bool isKept, string what)
    {
        Note(what);
        _kept.Add(what);
        if (!isKept)
        {
            throw Failed(what);
        }
    }

    /// <summary>The node that is primary of the most partitions.</summary>
    public Task<IClusterNode> PrimaryAsync() => PrimaryAmongAsync(Cluster.Nodes);

    /// <summary>The node of these that is primary of the most partitions, once one of them is of any.</summary>
    public async Task<IClusterNode> PrimaryAmongAsync(IReadOnlyList<IClusterNode> nodes)
    {
        IClusterNode? primary = null;
        await UntilAnsweredAsync(
            async () =>
            {
                var led = (await _parts.ReadStateAsync()).Entries.GroupBy(static e => e.Primary).OrderByDescending(static g => g.Count()).Select(static g => g.Key);
                primary = led.Select(NodeOf).FirstOrDefault(nodes.Contains);
                return primary is null ? "none of them leads anything" : null;
            },
            Times.Redundancy,
            $"one of {string.Join(", ", nodes.Select(static n => n.Name))} leads");
        return primary!;
    }

    /// <summary>A node that follows the given one: backup of one of its partitions, in another zone.</summary>
    public async Task<IClusterNode> BackupOfAsync(IClusterNode primary)
    {
        var state = await _parts.ReadStateAsync();
        var id = state.Entries.Where(e => e.Primary == primary.Id).SelectMany(static e => e.InSync).First(n => n != primary.Id);
        return NodeOf(id);
    }

    /// <summary>The node whose coordinator acts now.</summary>
    public async Task<IClusterNode> CoordinatorAsync()
    {
        var status = await _parts.Client.DataAsync(Cluster.Nodes.First(static n => n.IsRunning), "/api/v1/cluster/status", CancellationToken.None);
        return NodeOf(status.GetProperty("coordinator").GetString() ?? throw new ScenarioFailedException("there is no coordinator"));
    }

    /// <summary>The node of an id.</summary>
    public IClusterNode NodeOf(string id) =>
        Cluster.Nodes.FirstOrDefault(n => n.Id == id) ?? throw new ScenarioFailedException($"the cluster counts on node {id}, which is none of {string.Join(", ", Cluster.Nodes.Select(static n => $"{n.Name} {n.Id}"))}");

    /// <summary>Number of partitions that a node has a replica of, in sync.</summary>
    public async Task<int> ReplicasOnAsync(IClusterNode node) => (await _parts.ReadStateAsync()).Entries.Count(e => e.InSync.Contains(node.Id));

    /// <summary>Waits until the condition says null; its last word is part of the failure.</summary>
    public async Task UntilAsync(Func<Task<string?>> condition, TimeSpan limit, string what)
    {
        var begun = Now;
        while (true)
        {
            ThrowIfBroken();
            var problem = await condition();
            if (problem is null)
            {
                Note($"{what}: after {(Now - begun).TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s");
                return;
            }

            if (Now - begun > limit)
            {
                throw Failed($"not within {limit.TotalSeconds} s: {what}; {problem}");
            }

            await Task.Delay(Times.Look);
        }
    }

    /// <summary>As above, of nodes that may not answer yet.</summary>
    public Task UntilAnsweredAsync(Func<Task<string?>> condition, TimeSpan limit, string what) => UntilAsync(
        async () =>
        {
            try
            {
                return await condition();
            }
            catch (HttpRequestException e)
            {
                return e.Message;
            }
        },
        limit,
        what);

    private static TimeSpan? Later(TimeSpan? one, TimeSpan other) => one > other ? one : other;

    private async Task WarmUpAsync()
    {
        await UntilAsync(
            () => Task.FromResult(_parts.Load.Views.FirstOrDefault(v => v.Settled < Times.WarmSteps) is { } slow ? $"sender {slow.Sender} has {slow.Settled} steps acknowledged" : null),
            Times.Redundancy,
            "the senders are under way");
        await RedundantAsync(Times.Redundancy);
    }

    private async Task WritesResumeAsync(TimeSpan limit)
    {
        var load = _parts.Load;
        TimeSpan? at = null;
        await UntilAsync(
            () => Task.FromResult((at = Goodput.ResumedAt(load.Journal.Deliveries, load.Options.Senders, _fault)) is null ? "some sender still waits" : null),
            LeftOf(limit),
            "writes of every sender are acknowledged again");
        _resumed = Later(_resumed, Within(limit, at!.Value, "writes of every sender were acknowledged again"));
    }

    // Limits count from the event, however late somebody looks.
    private TimeSpan LeftOf(TimeSpan limit) => _fault + limit > Now ? _fault + limit - Now : TimeSpan.Zero;

    private TimeSpan Within(TimeSpan limit, TimeSpan at, string what) =>
        at - _fault <= limit ? at - _fault : throw Failed($"{what} after {(at - _fault).TotalSeconds:F1} s, {limit.TotalSeconds} s are allowed");

    private Task RedundantAsync(TimeSpan limit) => UntilAnsweredAsync(
        async () => (await _parts.ReadStateAsync()).MissingRedundancy(),
        limit,
        "all partitions are redundant");

    private async Task<ScenarioResult> FinishAsync()
    {
        await RedundantAsync(Times.Redundancy);
        await _parts.StopLoadAsync();
        Note("the load has ended");
        var verification = new FinalVerification(_parts, this);
        await verification.EverythingIsThereAsync();
        await verification.ReplicasAgreeAsync();
        var compared = await verification.PrometheusAgreesAsync();
        ThrowIfBroken();
        var checkers = _parts.Checkers;
        return new ScenarioResult
        {
            AcknowledgedSamples = _parts.Load.Journal.Samples,
            Answers = checkers.Sum(static c => c.Complete),
            Errors = checkers.Sum(static c => c.Errors.Values.Sum()),
            Unanswered = checkers.Sum(static c => c.Unanswered),
            FailedPushes = _parts.Load.Journal.Failures.Count,
            Resumed = _resumed,
            Goodput = _goodput,
            Redundant = _redundant,
            PrometheusSamples = compared,
            Kept = string.Join("; ", _kept),
        };
    }

    private void Note(string what)
    {
        _events.Add($"{Now.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),7} s  {what}");
        _parts.Log(_events[^1]);
    }

    private void ThrowIfBroken()
    {
        if (_parts.Broken() is { } broken)
        {
            throw Failed(broken);
        }
    }

    private ScenarioFailedException Failed(string why) => new($"""
        {why}
        what happened:
        {string.Join('\n', _events)}
        last failed pushes:
        {string.Join('\n', _parts.Load.Journal.Failures.TakeLast(5).Select(static f => f.ToString()))}
        errors of queries:
        {string.Join('\n', _parts.Checkers.SelectMany(static c => c.Errors).Take(10).Select(static e => $"{e.Value} x {e.Key}"))}
        """);
}
