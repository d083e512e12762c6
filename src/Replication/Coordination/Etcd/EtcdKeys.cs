using System.Globalization;
using System.Text;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>Keys and revisions of the store as etcd has them. All keys are ASCII, so etcd's order by bytes is the ordinal one.</summary>
internal sealed class EtcdKeys
{
    private readonly string _root;

    public EtcdKeys(string root)
    {
        if (root.Length > 0 && (!root.EndsWith('/') || !root.All(static c => IsKeyCharacter(c) || c == '/')))
        {
            throw new ArgumentException($"'{root}' is no prefix of keys: a-zA-Z0-9._-/ with / at the end", nameof(root));
        }

        _root = root;
    }

    /// <summary>A key; <see cref="ArgumentException"/> where it is none.</summary>
    public ByteString Key(string key)
    {
        foreach (var segment in key.Split('/'))
        {
            if (segment.Length is 0 or > 200 || segment is "." or ".." || !segment.All(IsKeyCharacter))
            {
                throw new ArgumentException($"'{key}' is no key: segments of a-zA-Z0-9._- with / between", nameof(key));
            }
        }

        return ByteString.CopyFromUtf8(_root + key);
    }

    /// <summary>The range of all keys with the prefix: its beginning and its end, which is outside.</summary>
    public (ByteString Start, ByteString End) Range(string prefix)
    {
        var start = Encoding.UTF8.GetBytes(_root + prefix);
        if (start.Length == 0)
        {
            // A zero byte means the first key as a beginning, and no end as an end.
            return (ByteString.CopyFrom(0), ByteString.CopyFrom(0));
        }

        // No byte of UTF-8 is the largest one.
        var end = (byte[])start.Clone();
        end[^1]++;
        return (ByteString.CopyFrom(start), ByteString.CopyFrom(end));
    }

    /// <summary>The key as the store's users know it.</summary>
    public string NameOf(KeyValue pair) => NameOf(pair, string.Empty);

    /// <summary>What follows the prefix in a key.</summary>
    public string NameOf(KeyValue pair, string prefix)
    {
        var key = pair.Key.ToStringUtf8();
        return key.StartsWith(_root + prefix, StringComparison.Ordinal)
            ? key[(_root.Length + prefix.Length)..]
            : throw new CoordinationException($"etcd tells of {key}, which was not asked for", null);
    }

    /// <summary>A document.</summary>
    public CoordinationEntry EntryOf(KeyValue pair) => new(NameOf(pair), pair.Value.Memory, Revision(pair.ModRevision));

    /// <summary>The revision of etcd that an answer tells.</summary>
    public static long RevisionOf(ResponseHeader? header) => header?.Revision ?? throw new CoordinationException("etcd answers without a revision", null);

    /// <summary>A revision as text.</summary>
    public static string Revision(long revision) => revision.ToString(CultureInfo.InvariantCulture);

    /// <summary>A revision from its text; null where no document ever had it.</summary>
    public static long? Revision(string revision) => long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static bool IsKeyCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
