using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Remote;
using Deucalion.Ingester.Tests.Read;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class RemoteHeadReadsTests : IAsyncLifetime
{
    private static readonly string Here = new('a', 32);
    private static readonly string There = new('b', 32);
    private static readonly LabelMatcher[] All = [new(Common.Labels.MatchType.Regex, "__name__", ".+")];

    private readonly PeerChannels _channels = new(static to => LoopbackNode.Options(Here, to), TimeProvider.System);
    private readonly IngesterFixture _ingester = new(1);
    private LocalHeadReads _local = null!;

    public async ValueTask InitializeAsync()
    {
        await _ingester.StartAsync();
        _local = new LocalHeadReads(new HostPartitions(_ingester.Module.Host));
    }

    public async ValueTask DisposeAsync()
    {
        _channels.Dispose();
        await _ingester.DisposeAsync();
    }

    [Fact]
    public async Task AnswersWhatTheNodeAnswers_ToEveryQuestion()
    {
        await WriteAsync(400, samples: 1);
        await using var node = await ServeAsync(_local);
        var remote = To(node);
        foreach (var read in new[]
        {
            Read(All), Read([]), Read(All) with { MinTime = 5000 }, Read([new(Common.Labels.MatchType.NotRegex, "series", "1.*"), All[0]]), Read([new(Common.Labels.MatchType.Equal, "a", "b")]),
            Read(All) with { Only = new HashSet<PartitionId> { new(2), new(3) } }, Read(All) with { Only = new HashSet<PartitionId>() },
        })
        {
            await SameAsync(_local.SelectAsync(read, CancellationToken.None), remote.SelectAsync(read, CancellationToken.None));
            await SameAsync(_local.SeriesAsync(read, CancellationToken.None), remote.SeriesAsync(read, CancellationToken.None));
            await SameAsync(_local.LabelNamesAsync(read, CancellationToken.None), remote.LabelNamesAsync(read, CancellationToken.None));
            await SameAsync(_local.LabelValuesAsync(read, "series", CancellationToken.None), remote.LabelValuesAsync(read, "series", CancellationToken.None));
            await SameAsync(_local.MetadataAsync(read, CancellationToken.None), remote.MetadataAsync(read, CancellationToken.None));
            await SameAsync(_local.ExemplarsAsync(read, [All], CancellationToken.None), remote.ExemplarsAsync(read, [All], CancellationToken.None));
            await SameAsync(_local.StatusAsync(read, CancellationToken.None), remote.StatusAsync(read, CancellationToken.None));
        }

        var exemplars = await remote.ExemplarsAsync(Read([]), [All], CancellationToken.None);
        Assert.Equal(400, exemplars.Contents.Sum(static x => x.Value.Count));
        Assert.NotEmpty((await remote.MetadataAsync(Read([]), CancellationToken.None)).Contents.SelectMany(static x => x.Value));
    }

    [Fact]
    public async Task CarriesAnswersOfManyFrames()
    {
        await WriteAsync(1000, samples: 500);
        await using var node = await ServeAsync(_local);
        using var answer = await To(node).SelectAsync(Read(All), CancellationToken.None);
        Assert.True(answer.Contents.Sum(static x => Enumerable.Range(0, x.Value.Count).Sum(i => x.Value.ChunksAt(i).ToArray().Sum(static c => c.Length))) > 3 << 20);
        await SameAsync(_local.SelectAsync(Read(All), CancellationToken.None), ValueTask.FromResult(answer));
    }

    [Fact]
    public async Task GivesBackEverything_OnTheServerToo()
    {
        var served = new FakeHeadNode("b") { Leads = [1, 2, 3] };
        await using var node = await ServeAsync(served);
        using (var answer = await To(node).SelectAsync(Read(All), CancellationToken.None))
        {
            Assert.Equal(3, answer.Contents.Count);
        }

        await Eventually.TrueAsync(() => Task.FromResult(served.Open == 0), TimeSpan.FromSeconds(10), () => $"{served.Open} batches are open");
    }

    [Fact]
    public async Task JoinsNodesOverTheWire()
    {
        using var meters = new TestMeterFactory();
        var self = new FakeHeadNode("self") { Target = new ReadTarget("self", string.Empty, IsSelf: true), Leads = [1] };
        var served = new FakeHeadNode("b") { Leads = [2, 3], Follows = new() { [1] = null } };
        await using var node = await ServeAsync(served);
        var other = new FakeHeadNode("b") { Target = new ReadTarget(There, node.Address, IsSelf: false) };
        var targets = new FakeTargets();
        targets.See([self, other], 1, 2);
        var reads = new ClusterHeadReads(
            self, target => new RemoteHeadReads(_channels, target.NodeId, target.Address), targets, new ClusterReadOptions(), new HeadReadMetrics(meters), TimeProvider.System, NullLogger<ClusterHeadReads>.Instance);
        for (var round = 0; round < 3; round++)
        {
            using var answer = await reads.SelectAsync(TenantId.Anonymous, All, 0, 1, CancellationToken.None);
            Assert.Equal(["1 self", "2 b", "3 b"], answer.Batches.Select(static x => $"{x.LabelsAt(0).Get("partition")} {x.LabelsAt(0).Get("node")}").Order(StringComparer.Ordinal));

            // A node that restarts is asked again.
            await node.StopAsync();
            var starting = Task.Run(node.StartAsync);
            using var again = await reads.SelectAsync(TenantId.Anonymous, All, 0, 1, CancellationToken.None);
            Assert.Equal(3, again.Batches.Count);
            await starting;
        }
    }

    [Fact]
    public async Task IsUnavailable_WhenTheNodeCannotAnswer_OrIsNotThere()
    {
        var served = new FakeHeadNode("b") { Before = static (_, _) => throw new PartitionUnavailableException("it starts", null) };
        await using var node = await ServeAsync(served);
        Assert.Equal("it starts", await ReasonAsync(There));
        Assert.Contains("is meant for node", await ReasonAsync(new string('c', 32)), StringComparison.Ordinal);
        served.Before = static (_, _) => throw new InvalidOperationException("a mistake");
        Assert.Contains("a mistake", await ReasonAsync(There), StringComparison.Ordinal);
        await node.StopAsync();
        Assert.Contains(node.Address, await ReasonAsync(There), StringComparison.Ordinal);

        async Task<string> ReasonAsync(string id) => (await Assert.ThrowsAsync<PartitionUnavailableException>(
            async () => await new RemoteHeadReads(_channels, id, node.Address).SelectAsync(Read(All), CancellationToken.None))).Message;
    }

    [Fact]
    public async Task EndsTheReadOnTheServer_WhenTheCallerGivesUp()
    {
        using var giveUp = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        var served = new FakeHeadNode("b")
        {
            Before = async (_, cancellationToken) =>
            {
                await giveUp.CancelAsync();
                await using var registration = cancellationToken.Register(cancelled.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            },
        };
        await using var node = await ServeAsync(served);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await To(node).SelectAsync(Read(All), giveUp.Token));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task RefusesQuestionsThatCannotBeAsked()
    {
        await using var node = await ServeAsync(_local);
        using var channel = new WireChannel(node.Address, LoopbackNode.Options(Here, There));
        foreach (var method in new[] { RemoteMethods.Select, RemoteMethods.Status })
        {
            await using var stream = await channel.OpenAsync(method, CancellationToken.None);
            await stream.SendAsync(new byte[] { 0x0A, 0x03, (byte)'a', (byte)'/', (byte)'b' }, CancellationToken.None);
            var refused = await Assert.ThrowsAsync<WireException>(async () => await stream.ReceiveAsync(CancellationToken.None));
            Assert.Equal(WireStatus.InvalidArgument, refused.Status);
        }
    }

    private static NodeRead Read(IReadOnlyList<LabelMatcher> matchers) => new(TenantId.Anonymous, matchers, 0, 10_000_000);

    private static async Task SameAsync<T>(ValueTask<NodeAnswer<T>> expected, ValueTask<NodeAnswer<T>> actual)
    {
        using var one = await expected;
        using var other = await actual;
        Assert.True(one.Answered.Count > 0 || one.Contents.Count == 0);
        Assert.Equal(RandomAnswers.Describe(one), RandomAnswers.Describe(other));
    }

    private static Task<LoopbackNode> ServeAsync(INodeHeadReads reads) => LoopbackNode.StartAsync(There, new HeadReadEndpoint(reads).Map);

    private RemoteHeadReads To(LoopbackNode node) => new(_channels, node.Id, node.Address);

    /// <summary>Series with samples of random values, an exemplar each, and metadata.</summary>
    private async Task WriteAsync(int series, int samples)
    {
        var random = new Random(3);
        using var batch = new WriteBatch();
        batch.Reset();
        for (var s = 0; s < series; s++)
        {
            batch.BeginSeries();
            batch.AddLabel(Label(batch, "__name__", "metric" + (s % 3)));
            batch.AddLabel(Label(batch, "series", IngesterFixture.Name(s)));
            for (var i = 0; i < samples; i++)
            {
                batch.AddSample(1000 * (i + 1), random.NextDouble());
            }

            if (s % 7 == 0)
            {
                batch.AddHistogram(1000 * (samples + 1), 0, new FloatHistogram { Schema = 1, Count = 1, Sum = s, PositiveSpans = [new HistogramSpan(1, 1)], PositiveBuckets = [1] });
            }

            batch.AddExemplar(1000, s);
            batch.AddExemplarLabel(Label(batch, "trace_id", "t" + s));
        }

        var (family, help) = (Text(batch, "metric0"), Text(batch, "What it means."));
        batch.AddMetadata(new WriteMetadata(1, family.Offset, family.Length, help.Offset, help.Length, 0, 0));
        var outcome = await _ingester.Module.Distributor.WriteAsync(TenantId.Anonymous, batch, CancellationToken.None);
        Assert.Equal((0, null), (outcome.Rejected, outcome.RetryableFailure));
    }

    private static WriteLabel Label(WriteBatch batch, string name, string value)
    {
        var (n, v) = (Text(batch, name), Text(batch, value));
        return new WriteLabel(n.Offset, n.Length, v.Offset, v.Length);
    }

    private static (int Offset, int Length) Text(WriteBatch batch, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return (batch.AddText(bytes), bytes.Length);
    }
}
