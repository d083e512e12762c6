using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Objects;
using Deucalion.PromQL.Sources;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>Queries while the lists of blocks cannot be read.</summary>
public sealed class StoreAwayTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SourcesFixture _fixture;

    public StoreAwayTests() => _fixture = new SourcesFixture(time: _time);

    public void Dispose()
    {
        _answer.TrySetResult();
        _fixture.Dispose();
    }

    [Fact]
    public async Task AnswersFromHeadsAndKnownBlocks_WhenTheListCannotBeRead()
    {
        await KnowABlockAsync();
        _time.Advance(TimeSpan.FromMinutes(44));
        Fail();
        Assert.Equal(["a 3000=3"], await SelectAsync(2500));
        Assert.Equal(["a 1000=1 3000=3"], await SelectAsync());
        Assert.Equal(["__name__", "job"], await _fixture.Sources.LabelNamesAsync(Common.Tenants.TenantId.Anonymous, [], 0, 5000, CancellationToken.None));
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public async Task WarnsOfBlocksThatNoHeadNames_WhenTheListIsOld(int seconds, bool warns)
    {
        await KnowABlockAsync();
        _time.Advance(TimeSpan.FromSeconds(seconds));
        Fail();
        using var set = await _fixture.Sources.Samples(Common.Tenants.TenantId.Anonymous).SelectAsync(
            new SelectRequest { Matchers = SourcesFixture.All, MinTime = 0, MaxTime = 5000 }, CancellationToken.None);
        Assert.Equal(
            warns ? ["the list of blocks cannot be read from the object store: blocks that were imported lately are not seen"] : [], set.Warnings);
    }

    [Fact]
    public async Task WaitsOnce_WhenTheStoreDoesNotAnswer()
    {
        await KnowABlockAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        Hang();
        var first = SelectAsync();
        _time.Advance(TimeSpan.FromMilliseconds(600));
        var second = SelectAsync();
        _time.Advance(TimeSpan.FromMilliseconds(399));
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);

        // Both have waited for the same read, for a second since it began; who comes later does not wait for it.
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a 1000=1 3000=3"], await first);
        Assert.Equal(["a 1000=1 3000=3"], await second);
        Assert.Equal(["a 1000=1 3000=3"], await SelectAsync());
        await HasBegunAsync(2);
    }

    [Fact]
    public async Task UsesWhatASlowReadHasFound_WhenNobodyWaitsForItAnyMore()
    {
        await KnowABlockAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        Hang();
        var impatient = SelectAsync();
        await HasBegunAsync(2);
        _time.Advance(TimeSpan.FromSeconds(2));
        await impatient;

        var block = await _fixture.PutBlockAsync(TestSeries.Of("b", (2000, 2)));
        _fixture.Manifests.Publish(FakeManifests.Block(block, 1500, 2500));
        Fail();
        _answer.SetResult();
        await Eventually.TrueAsync(async () => (await SelectAsync()).Length == 2, Limit, () => "the list of the slow read");
    }

    [Fact]
    public async Task ReadsTheListAnew_WhenTheStoreIsBack()
    {
        await KnowABlockAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        Fail();
        await SelectAsync();

        var block = await _fixture.PutBlockAsync(TestSeries.Of("b", (2000, 2)));
        _fixture.Manifests.Publish(FakeManifests.Block(block, 1500, 2500));
        _fixture.Manifests.BeforeRead = () => Task.CompletedTask;
        await Eventually.TrueAsync(async () => (await SelectAsync()).Length == 2, Limit, () => "the list of the store that is back");

        // It is waited for again from now on.
        _time.Advance(TimeSpan.FromMinutes(5));
        _fixture.Manifests.Replace([block]);
        Assert.Single(await SelectAsync());
    }

    [Fact]
    public async Task Fails_WhenAHeadNamesABlockThatTheKeptListLacks()
    {
        await KnowABlockAsync();
        var lacking = Ulid.Create(_time.GetUtcNow()).ToString();
        _fixture.Heads.Change([], [new TruncatedGeneration(3, 1, lacking)]);
        Fail();
        var error = await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => SelectAsync());
        Assert.Contains("object store: the bucket is away", error.Message, StringComparison.Ordinal);
        Assert.Contains($"lacks block {lacking}, to which partition 3", error.Message, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromMinutes(5));
        Hang();
        var waiting = SelectAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        error = await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => waiting);
        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(45 * 60)]
    [InlineData(16)]
    public async Task Fails_WhenTheKeptListIsTooOld(int seconds)
    {
        // With no heads that would name hand-overs nothing but its age tells.
        using var fixture = seconds < 60 ? new SourcesFixture(new QuerierOptions { ManifestMaxAge = TimeSpan.Zero }, _time) : null;
        var sources = fixture ?? _fixture;
        await sources.SelectAsync();
        _time.Advance(TimeSpan.FromSeconds(seconds));
        sources.Manifests.BeforeRead = static () => throw new ObjectStoreException("the bucket is away", null);
        var error = await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => sources.SelectAsync().WaitAsync(Limit));
        Assert.Contains("cannot be read from the object store: the bucket is away", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the list of {seconds} s ago", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(34, true)]
    [InlineData(35, false)]
    public async Task AnswersOverRecentSamples_WhateverListIsKnown(int minutes, bool answers)
    {
        await KnowABlockAsync();
        _time.Advance(TimeSpan.FromHours(5));
        Fail();
        using var restarted = new SourcesFixture(time: _time);
        restarted.Manifests.BeforeRead = _fixture.Manifests.BeforeRead;
        foreach (var fixture in new[] { _fixture, restarted })
        {
            // An idle head names what it handed over long ago; that has no samples of the range.
            var now = _time.GetUtcNow();
            var from = now.AddMinutes(-minutes).ToUnixTimeMilliseconds();
            fixture.Heads.Change([TestSeries.Of("a", (from, 3))], [new TruncatedGeneration(0, 1, Ulid.Create(now.AddMinutes(-61)).ToString())]);
            if (answers)
            {
                Assert.Single(await fixture.SelectAsync(from, from + 5000).WaitAsync(Limit));
                fixture.Heads.Truncated = [new TruncatedGeneration(0, 1, Ulid.Create(now.AddMinutes(-59)).ToString())];
            }

            await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => fixture.SelectAsync(from, from + 5000).WaitAsync(Limit));
        }
    }

    [Fact]
    public async Task Fails_WhenNoListIsKnown()
    {
        Hang();
        var early = SelectAsync();
        _time.Advance(TimeSpan.FromSeconds(9));
        var late = SelectAsync();
        Assert.False(early.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => early);
        Assert.Contains("it does not answer; no earlier list is known here", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => late);
    }

    [Fact]
    public async Task Fails_WhenABlockOfTheRangeIsGoneAndItsSuccessorCannotBeFound()
    {
        var block = await KnowABlockAsync();
        _time.Advance(TimeSpan.FromMinutes(11));
        _fixture.Blocks.Dispose();
        _fixture.Store.DeletePrefix($"anonymous/{block}/");
        Fail();
        await Assert.ThrowsAsync<ObjectStoreUnavailableException>(() => SelectAsync());
        Assert.Equal(["a 3000=3"], await SelectAsync(2500));
    }

    [Fact]
    public async Task EndsOneWaitAlone_WhenItsQueryIsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        Hang();
        var cancelled = _fixture.Sources.LabelNamesAsync(Common.Tenants.TenantId.Anonymous, [], 0, 5000, cancel.Token).AsTask();
        var other = SelectAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Limit));
        _answer.SetResult();
        Assert.Empty(await other);
    }

    private Task<string[]> SelectAsync(long minTime = 0) => _fixture.SelectAsync(minTime, 5000).WaitAsync(Limit);

    private async Task<string> KnowABlockAsync()
    {
        var block = await _fixture.PutBlockAsync(TestSeries.Of("a", (1000, 1)));
        _fixture.Manifests.Publish(FakeManifests.Block(block, 0, 2000));
        _fixture.Heads.Series = [TestSeries.Of("a", (3000, 3))];
        Assert.Equal(["a 1000=1 3000=3"], await SelectAsync());
        return block;
    }

    /// <summary>The last of so many reads of the list is under way, or has ended.</summary>
    private async Task HasBegunAsync(int reads)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_fixture.Manifests.Reads >= reads), Limit, () => $"read {reads} of the list");
        Assert.Equal(reads, _fixture.Manifests.Reads);
    }

    private void Fail() => _fixture.Manifests.BeforeRead = static () => throw new ObjectStoreException("the bucket is away", null);

    private void Hang() => _fixture.Manifests.BeforeRead = () => _answer.Task;
}
