using System.Text;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Testing.Objects;
using Xunit;

namespace Deucalion.Common.Tests.Objects;

public sealed class ObjectStoreProbeTests
{
    private readonly MemoryObjectStore _inner = new(new LinuxDisk(), TimeProvider.System);

    /// <summary>What a store may do wrong.</summary>
    public enum Wrong
    {
        IgnoresAbsence,
        IgnoresRevisions,
        IgnoresRevisionsOfWhatIsGone,
        RefusesEveryRevision,
        AppliesWhatItRefuses,
        ReadsOldContent,
        ListsLate,
        IgnoresRanges,
        KeepsWhatIsDeleted,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindsNothing_WhenTheStoreDoesWhatItShould()
    {
        await new ObjectStoreProbe(_inner).RunAsync(Token);
        Assert.Empty(_inner.Keys);
    }

    [Theory]
    [InlineData(Wrong.IgnoresAbsence, "If-None-Match is ignored")]
    [InlineData(Wrong.IgnoresRevisions, "bound to an older revision (If-Match is ignored)")]
    [InlineData(Wrong.IgnoresRevisionsOfWhatIsGone, "bound to a revision of one that is deleted")]
    [InlineData(Wrong.RefusesEveryRevision, "could not be replaced on condition of its revision")]
    [InlineData(Wrong.AppliesWhatItRefuses, "that was refused had an effect")]
    [InlineData(Wrong.ReadsOldContent, "is not what is read")]
    [InlineData(Wrong.ListsLate, "a listing does not show")]
    [InlineData(Wrong.IgnoresRanges, "a part of an object is not")]
    [InlineData(Wrong.KeepsWhatIsDeleted, "an object that was deleted is still there")]
    public async Task NamesWhatIsWrong_AndWhatToDo(Wrong wrong, string message)
    {
        var failure = await Assert.ThrowsAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(new Broken(_inner, wrong)).RunAsync(Token));
        Assert.StartsWith("the object store cannot be used: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Contains("; choose ", failure.Message, StringComparison.Ordinal);
        Assert.True(wrong == Wrong.KeepsWhatIsDeleted || _inner.Keys.Count == 0, string.Join(' ', _inner.Keys));
    }

    [Fact]
    public async Task TellsTheStoresOwnFailure_WhenItCannotBeAsked()
    {
        _inner.FailBefore = static (_, _) => true;
        var failure = await Assert.ThrowsAsync<ObjectStoreException>(async () => await new ObjectStoreProbe(_inner).RunAsync(Token));
        Assert.StartsWith("Put of deucalion-probe/", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A store with one thing wrong.</summary>
    private sealed class Broken(MemoryObjectStore inner, Wrong wrong) : IObjectStore
    {
        private readonly HashSet<string> _deleted = [];

        public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => inner.PutAsync(key, content, cancellationToken);

        public ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken) => inner.PutFileAsync(key, path, cancellationToken);

        public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken)
        {
            var ignores = (wrong == Wrong.IgnoresAbsence && ifRevision is null)
                || (wrong == Wrong.IgnoresRevisions && ifRevision is not null && !_deleted.Contains(key))
                || (wrong == Wrong.IgnoresRevisionsOfWhatIsGone && ifRevision is not null && _deleted.Contains(key));
            if (ignores)
            {
                await inner.PutAsync(key, content, cancellationToken);
                return (await inner.GetAsync(key, cancellationToken))!.Revision;
            }

            var written = wrong == Wrong.RefusesEveryRevision && ifRevision is not null ? null : await inner.PutIfAsync(key, content, ifRevision, cancellationToken);
            if (written is null && wrong == Wrong.AppliesWhatItRefuses)
            {
                await inner.PutAsync(key, content, cancellationToken);
            }

            return wrong == Wrong.AppliesWhatItRefuses && written is null && ifRevision is not null && Text(content) == "3"
                ? (await inner.GetAsync(key, cancellationToken))!.Revision
                : written;
        }

        public async ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken)
        {
            var stored = await inner.GetAsync(key, cancellationToken);
            return stored is not null && wrong == Wrong.ReadsOldContent ? stored with { Content = "first content"u8.ToArray() } : stored;
        }

        public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            inner.GetRangeAsync(key, wrong == Wrong.IgnoresRanges ? 0 : offset, destination, cancellationToken);

        public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken) =>
            inner.ListAsync(wrong == Wrong.ListsLate ? "nothing/" : prefix, cancellationToken);

        public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
        {
            _deleted.Add(key);
            if (wrong != Wrong.KeepsWhatIsDeleted)
            {
                await inner.DeleteAsync(key, cancellationToken);
            }
        }

        public string? LocalPath(string key) => null;

        private static string Text(ReadOnlyMemory<byte> content) => Encoding.UTF8.GetString(content.Span);
    }
}
