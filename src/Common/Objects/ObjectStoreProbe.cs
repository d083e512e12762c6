using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Common.Objects;

/// <summary>
/// Tries out, before anything relies on it, whether an object store does what is expected of it: above all, whether it honours conditions of writes, which
/// some stores accept and ignore. Works on objects of its own, which it removes.
/// </summary>
public sealed class ObjectStoreProbe(IObjectStore store)
{
    /// <summary>Where its objects are.</summary>
    public const string Folder = "deucalion-probe/";

    private const string Advice = "choose a store that honours If-None-Match and If-Match";

    /// <summary>Runs all trials.</summary>
    /// <exception cref="ObjectStoreException">The store cannot be reached, or cannot be used; the message says which and what to do.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var key = Folder + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

        // A store that cannot even be written to is told of at once.
        await store.PutAsync(key, Bytes("first content"), cancellationToken);
        try
        {
            await TryWritesAsync(key, cancellationToken);
            await TryConditionsAsync(key + "-if", cancellationToken);
        }
        finally
        {
            await CleanAsync(key);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static ObjectStoreException Unusable(string what, string advice) => new($"the object store cannot be used: {what}; {advice}", null);

    private async Task TryWritesAsync(string key, CancellationToken cancellationToken)
    {
        await store.PutAsync(key, Bytes("second content"), cancellationToken);
        var stored = await store.GetAsync(key, cancellationToken);
        if (stored is null || !stored.Content.Span.SequenceEqual(Bytes("second content").Span))
        {
            throw Unusable("what was just written is not what is read", "choose one whose reads see every write before them");
        }

        var part = new byte[7];
        if (await store.GetRangeAsync(key, 7, part, cancellationToken) != 7 || !part.AsSpan().SequenceEqual("content"u8))
        {
            throw Unusable("a part of an object is not what was written there", "choose one that honours ranges");
        }

        if (!await ListsAsync(key, stored.Revision, cancellationToken))
        {
            throw Unusable("a listing does not show what was just written", "choose one whose listings see every write before them");
        }

        await store.DeleteAsync(key, cancellationToken);
        if (await store.GetAsync(key, cancellationToken) is not null || await ListsAsync(key, stored.Revision, cancellationToken))
        {
            throw Unusable("an object that was deleted is still there", "choose one whose reads and listings see every deletion before them");
        }
    }

    private async Task TryConditionsAsync(string key, CancellationToken cancellationToken)
    {
        var first = await store.PutIfAsync(key, Bytes("1"), null, cancellationToken)
            ?? throw Unusable("an object that is not there could not be created on condition that it is not there", Advice);
        if (await store.PutIfAsync(key, Bytes("2"), null, cancellationToken) is not null)
        {
            throw Unusable("it overwrote an object although the write was bound to its absence (If-None-Match is ignored)", Advice);
        }

        var second = await store.PutIfAsync(key, Bytes("3"), first, cancellationToken)
            ?? throw Unusable("an object could not be replaced on condition of its revision", Advice);
        if (await store.PutIfAsync(key, Bytes("4"), first, cancellationToken) is not null)
        {
            throw Unusable("it overwrote an object although the write was bound to an older revision (If-Match is ignored)", Advice);
        }

        var stored = await store.GetAsync(key, cancellationToken);
        if (stored is null || stored.Revision != second || !stored.Content.Span.SequenceEqual(Bytes("3").Span))
        {
            throw Unusable("a conditional write that was refused had an effect all the same", Advice);
        }

        await store.DeleteAsync(key, cancellationToken);
        if (await store.PutIfAsync(key, Bytes("5"), second, cancellationToken) is not null)
        {
            throw Unusable("it wrote an object although the write was bound to a revision of one that is deleted (If-Match is ignored)", Advice);
        }
    }

    private async Task<bool> ListsAsync(string key, string revision, CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListRevisionsAsync(key, cancellationToken))
        {
            if (entry.Key == key)
            {
                return entry.Revision == revision;
            }
        }

        return false;
    }

    private async Task CleanAsync(string key)
    {
        try
        {
            await store.DeleteAsync(key, CancellationToken.None);
            await store.DeleteAsync(key + "-if", CancellationToken.None);
        }
        catch (ObjectStoreException)
        {
            // What failed before is the thing to tell of; a few bytes stay behind.
        }
    }
}
