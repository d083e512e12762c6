using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Bucket;
using Testing.Objects;
using Xunit;

namespace Replication.Tests.Coordination.Bucket;

/// <summary>Writes without an answer: it is found out what became of them, and said if it cannot be.</summary>
public sealed class BucketObjectsTests
{
    private const string Key = "a";

    private readonly MemoryObjectStore _bucket = new(new LinuxDisk(), TimeProvider.System);
    private readonly BucketObjects _objects;
    private readonly BucketObjects _others;

    public BucketObjectsTests()
    {
        _objects = new BucketObjects(_bucket);
        _others = new BucketObjects(new Quiet(_bucket));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Succeeds_WhenTheWriteTookEffectAndItsAnswerWasLost()
    {
        FailOnce(after: true);
        var written = await _objects.PutAsync(Key, New("1"), null, Token);
        Assert.Equal((await _objects.GetAsync(Key, Token))!.Revision, written);
    }

    [Fact]
    public async Task Succeeds_WhenTheWriteDidNotTakeEffectAtFirst()
    {
        FailOnce(after: false);
        Assert.NotNull(await _objects.PutAsync(Key, New("1"), null, Token));
        FailOnce(after: false);
        var before = (await _objects.GetAsync(Key, Token))!.Revision;
        Assert.NotNull(await _objects.PutAsync(Key, Over(_objects, before, "2"), before.Tag, Token));
    }

    [Fact]
    public async Task Succeeds_WhenTheLateFirstTryComesBeforeTheSecond()
    {
        // The first try fails without effect, and takes effect just before the second, which is refused then.
        var document = New("1");
        var tries = 0;
        _bucket.FailBefore = (operation, key) => operation == ObjectOperation.PutIf && ++tries == 1;
        var late = new Late(_bucket, document.Encode());
        var written = await new BucketObjects(late).PutAsync(Key, document, null, Token);
        Assert.Equal(document.Name, written!.Value.Name);
        Assert.False(written.Value.IsGone);
    }

    [Fact]
    public async Task IsRefused_WhenAnotherWroteInstead()
    {
        var before = (await _objects.PutAsync(Key, New("1"), null, Token))!.Value;
        _bucket.FailBefore = (operation, _) =>
        {
            if (operation != ObjectOperation.PutIf)
            {
                return false;
            }

            _bucket.FailBefore = null;
            Assert.NotNull(_others.PutAsync(Key, Over(_others, before, "other"), before.Tag, Token).AsTask().GetAwaiter().GetResult());
            return true;
        };
        Assert.Null(await _objects.PutAsync(Key, Over(_objects, before, "mine"), before.Tag, Token));
    }

    [Fact]
    public async Task SaysThatItTookEffect_WhenAnotherHasReplacedItSince()
    {
        var before = (await _objects.PutAsync(Key, New("1"), null, Token))!.Value;
        var mine = Over(_objects, before, "mine");
        AfterMyWrite(async () =>
        {
            var found = (await _others.GetAsync(Key, Token))!.Revision;
            Assert.NotNull(await _others.PutAsync(Key, Over(_others, found, "other"), found.Tag, Token));
        });
        var written = await _objects.PutAsync(Key, mine, before.Tag, Token);
        Assert.Equal(mine.Name, written!.Value.Name);
        Assert.True(written.Value.IsGone);

        // Such a revision is never the current one.
        Assert.Null(await _objects.PutAsync(Key, Over(_objects, written.Value, "next"), written.Value.Tag, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KnowsWhatBecameOfACreation_WhenOthersHaveReplacedAndDeletedSince(bool tookEffect)
    {
        var mine = New("mine");
        Action others = () =>
        {
            var found = _others.GetAsync(Key, Token).AsTask().GetAwaiter().GetResult();
            var revision = found?.Revision ?? _others.PutAsync(Key, New("other"), null, Token).AsTask().GetAwaiter().GetResult()!.Value;
            revision = _others.PutAsync(Key, Over(_others, revision, "other"), revision.Tag, Token).AsTask().GetAwaiter().GetResult()!.Value;
            var deletion = BucketDocument.Tombstone(DateTimeOffset.UnixEpoch, _others.HistoryOver(Key, revision));
            Assert.NotNull(_others.PutAsync(Key, deletion, revision.Tag, Token).AsTask().GetAwaiter().GetResult());
        };
        Func<ObjectOperation, string, bool> fail = null!;
        fail = (operation, _) =>
        {
            (_bucket.FailBefore, _bucket.FailAfter) = (null, null);
            others();
            return true;
        };
        (_bucket.FailBefore, _bucket.FailAfter) = (tookEffect ? null : fail, tookEffect ? fail : null);
        var written = await _objects.PutAsync(Key, mine, null, Token);
        Assert.Equal(tookEffect ? new BucketRevision(mine.Name, string.Empty) : null, written);
    }

    [Fact]
    public async Task SaysThatItDoesNotKnow_WhenTooMuchHappenedSince()
    {
        var before = (await _objects.PutAsync(Key, New("1"), null, Token))!.Value;
        AfterMyWrite(async () =>
        {
            for (var i = 0; i < BucketDocument.LongestHistory + 1; i++)
            {
                var found = (await _others.GetAsync(Key, Token))!.Revision;
                Assert.NotNull(await _others.PutAsync(Key, Over(_others, found, "other"), found.Tag, Token));
            }
        });
        await Assert.ThrowsAsync<CoordinationException>(async () => await _objects.PutAsync(Key, Over(_objects, before, "mine"), before.Tag, Token));
    }

    [Fact]
    public async Task SaysThatItDoesNotKnow_WhenTheStoreStaysAway()
    {
        _bucket.FailBefore = static (_, _) => true;
        await Assert.ThrowsAsync<CoordinationException>(async () => await _objects.PutAsync(Key, New("1"), null, Token));
        _bucket.FailBefore = static (operation, _) => operation == ObjectOperation.PutIf;
        await Assert.ThrowsAsync<CoordinationException>(async () => await _objects.PutAsync(Key, New("1"), null, Token));
    }

    private static BucketDocument New(string text) => BucketDocument.Of(System.Text.Encoding.UTF8.GetBytes(text), []);

    private static BucketDocument Over(BucketObjects objects, BucketRevision before, string text) =>
        BucketDocument.Of(System.Text.Encoding.UTF8.GetBytes(text), objects.HistoryOver(Key, before));

    private void FailOnce(bool after)
    {
        var failed = false;
        Func<ObjectOperation, string, bool> fail = (operation, _) => operation == ObjectOperation.PutIf && !failed && (failed = true);
        _bucket.FailBefore = after ? null : fail;
        _bucket.FailAfter = after ? fail : null;
    }

    private void AfterMyWrite(Func<Task> others) => _bucket.FailAfter = (operation, _) =>
    {
        if (operation != ObjectOperation.PutIf)
        {
            return false;
        }

        _bucket.FailAfter = null;
        others().GetAwaiter().GetResult();
        return true;
    };

    /// <summary>Another process's way to the same bucket.</summary>
    private class Quiet(IObjectStore inner) : IObjectStore
    {
        public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => inner.PutAsync(key, content, cancellationToken);

        public ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken) => inner.PutFileAsync(key, path, cancellationToken);

        public virtual ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken) =>
            inner.PutIfAsync(key, content, ifRevision, cancellationToken);

        public ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            inner.GetRangeAsync(key, offset, destination, cancellationToken);

        public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

        public string? LocalPath(string key) => null;
    }

    /// <summary>A bucket in which the first try of a write takes effect just before the second.</summary>
    private sealed class Late(MemoryObjectStore inner, byte[] content) : Quiet(inner)
    {
        private int _tries;

        public override async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> written, string? ifRevision, CancellationToken cancellationToken)
        {
            if (++_tries == 2)
            {
                Assert.NotNull(await base.PutIfAsync(key, content, ifRevision, cancellationToken));
            }

            return await base.PutIfAsync(key, written, ifRevision, cancellationToken);
        }
    }
}
