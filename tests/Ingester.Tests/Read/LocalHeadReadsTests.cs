using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Read;
using Deucalion.Storage.Head;
using Xunit;

namespace Deucalion.Ingester.Tests.Read;

public sealed class LocalHeadReadsTests : IAsyncLifetime
{
    private static readonly LabelMatcher[] All = [new(Common.Labels.MatchType.Equal, "__name__", "metric")];

    private readonly IngesterFixture _ingester = new(1);

    public async ValueTask InitializeAsync()
    {
        await _ingester.StartAsync();
        await _ingester.WriteAsync(TenantId.Anonymous, [.. Enumerable.Range(0, 60).Select(static i => (IngesterFixture.Name(i), 1000L, 1.0))]);
        Assert.True(TenantId.TryParse("another", out var another, out _));
        await _ingester.WriteAsync(another, [.. Enumerable.Range(0, 60).Select(static i => (IngesterFixture.Name(i), 1000L, 1.0))]);
    }

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task AnswersForAllPartitions_AlsoThoseWithoutTheTenant()
    {
        using var answer = await new LocalHeadReads(new HostPartitions(_ingester.Module.Host)).SelectAsync(Read(), CancellationToken.None);
        var partitions = _ingester.Module.Host.Current!.Partitions.ToList();
        Assert.Equal(partitions.Select(static x => x.Partition).Order(), answer.Answered.Order());
        Assert.Equal(partitions.Where(static x => x.State.Find(TenantId.Anonymous) is not null).Select(static x => x.Partition).Order(), answer.Contents.Select(static x => x.Partition).Order());
        Assert.True(partitions.Count > answer.Contents.Count, "every partition has the tenant");
        Assert.Empty(answer.Unanswered);
        Assert.Equal(60, answer.Contents.Sum(static x => x.Value.Count));
    }

    /// <summary>Another node may hold a good replica of the broken one; nobody else has the rest.</summary>
    [Fact]
    public async Task AnswersForTheOthers_WhenAPartitionIsBroken()
    {
        var partitions = _ingester.Module.Host.Current!.Partitions.ToList();
        Assert.Throws<HeadFormatException>(() => partitions[0].State.ApplyNow(1, RecordKind.Samples, [9, .. "anonymous"u8, 99]));
        using var answer = await new LocalHeadReads(new HostPartitions(_ingester.Module.Host)).SelectAsync(Read(), CancellationToken.None);
        Assert.Equal(partitions.Skip(1).Select(static x => x.Partition).Order(), answer.Answered.Order());
        var broken = Assert.Single(answer.Unanswered);
        Assert.Equal(partitions[0].Partition, broken.Partition);
        Assert.Contains("cannot be applied", broken.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswersOnlyWhatIsAskedFor()
    {
        var only = _ingester.Module.Host.Current!.Partitions.Select(static x => x.Partition).Order().Take(2).ToHashSet();
        using var answer = await new LocalHeadReads(new HostPartitions(_ingester.Module.Host)).SelectAsync(Read() with { Only = only }, CancellationToken.None);
        Assert.Equal(only.Order(), answer.Answered.Order());
        Assert.All(answer.Contents, x => Assert.Contains(x.Partition, only));
    }

    [Fact]
    public async Task DoesNotAnswer_WhenThePlaceIsLostWhileTheHeadIsRead()
    {
        var partitions = new Losing(new HostPartitions(_ingester.Module.Host), answersBefore: 1);
        using var answer = await new LocalHeadReads(partitions).SelectAsync(Read(), CancellationToken.None);
        Assert.Empty(answer.Contents);

        // Those without the tenant neither: their successors may have it by now.
        Assert.Empty(answer.Answered);
        Assert.Equal(_ingester.Module.Host.Current!.Partitions.Select(static x => x.Partition).Order(), answer.Unanswered.Select(static x => x.Partition).Order());
        Assert.All(answer.Unanswered, static x => Assert.Equal("another one was elected", x.Reason));
    }

    [Fact]
    public async Task ReadsNothing_OfPartitionsThatMayNotAnswer()
    {
        var partitions = new Losing(new HostPartitions(_ingester.Module.Host), answersBefore: 0);
        using var answer = await new LocalHeadReads(partitions).SelectAsync(Read(), CancellationToken.None);
        Assert.Empty(answer.Contents);
        Assert.Empty(answer.Answered);
        Assert.Equal(1, partitions.MostAsked);
    }

    private static NodeRead Read() => new(TenantId.Anonymous, All, 0, 2000);

    /// <summary>Partitions that may answer a number of times.</summary>
    private sealed class Losing(IReadablePartitions inner, int answersBefore) : IReadablePartitions
    {
        public int MostAsked { get; private set; }

        public IPartitionsRead BeginRead() => new Begun(this, inner.BeginRead());

        private sealed class Begun(Losing losing, IPartitionsRead inner) : IPartitionsRead
        {
            public IReadOnlyCollection<IReadablePartition> Partitions { get; } = [.. inner.Partitions.Select(x => new Readable(losing, x))];

            public void Dispose() => inner.Dispose();
        }

        private sealed class Readable(Losing losing, IReadablePartition inner) : IReadablePartition
        {
            private int _asked;

            public PartitionId Partition => inner.Partition;

            public PartitionState State => inner.State;

            public string? Refusal => "another one was elected";

            public bool MayAnswer()
            {
                losing.MostAsked = Math.Max(losing.MostAsked, ++_asked);
                return _asked <= losing.AnswersBefore;
            }
        }

        private int AnswersBefore => answersBefore;
    }
}
