using System.Text.Json;
using System.Text.Json.Serialization;
using Deucalion.Common.IO;
using Deucalion.Common.Log;

namespace Deucalion.Replication.Coordination;

/// <summary>Why an incarnation ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncarnationEnd>))]
public enum IncarnationEnd
{
    /// <summary>The log was opened after an unclean stop, and had not synced every round: acknowledged records may be gone.</summary>
    Unclean,

    /// <summary>The files of the log were missing.</summary>
    Missing,

    /// <summary>An operator had what was left of a damaged log put together.</summary>
    Salvaged,
}

/// <summary>An incarnation that ended, and why.</summary>
public sealed record PastIncarnation(
    [property: JsonPropertyName("incarnation")] string Incarnation,
    [property: JsonPropertyName("end")] IncarnationEnd End);

/// <summary>
/// The incarnation of a log: random, kept beside its segments, renewed whenever the log may hold less than it acknowledged. The partition table
/// names incarnations, so a log that lost something cannot pass for the one that was in sync.
/// </summary>
public sealed record LogIncarnation
{
    /// <summary>Name of the file in the journal's directory.</summary>
    public const string FileName = "incarnation";

    private const string Unknown = "unknown";

    /// <summary>32 hexadecimal digits.</summary>
    [JsonPropertyName("incarnation")]
    public required string Current { get; init; }

    /// <summary>What it was before, oldest first.</summary>
    [JsonPropertyName("past")]
    public required IReadOnlyList<PastIncarnation> Past { get; init; }

    /// <summary>Reads, makes or renews the incarnation of a journal that has just been opened. Durable when it returns.</summary>
    public static LogIncarnation Open(IDisk disk, string journalDirectory, JournalRecovery recovery)
    {
        var known = Read(disk, journalDirectory);
        if (known is null)
        {
            return Write(disk, journalDirectory, new LogIncarnation { Current = NodeIdentity.NewId(), Past = [] });
        }

        if (recovery.Created)
        {
            return Renew(disk, journalDirectory, known, IncarnationEnd.Missing);
        }

        return !recovery.CleanStop && recovery.PreviousSync != JournalSync.Batch ? Renew(disk, journalDirectory, known, IncarnationEnd.Unclean) : known;
    }

    /// <summary>Writes the incarnation of a journal that was salvaged into its directory; the damaged one's stands in <paramref name="damagedDirectory"/>.</summary>
    public static void Salvaged(IDisk disk, string damagedDirectory, string directory)
    {
        LogIncarnation? known = null;
        try
        {
            known = Read(disk, damagedDirectory);
        }
        catch (InvalidDataException)
        {
            // It is given up with the rest.
        }

        Renew(disk, directory, known ?? new LogIncarnation { Current = Unknown, Past = [] }, IncarnationEnd.Salvaged);
    }

    /// <summary>
    /// Whether a table that lists <paramref name="listed"/> may be brought to the current incarnation where this log is the only replica: what is
    /// missing was given up knowingly, by the sync mode or by salvaging.
    /// </summary>
    public bool MaySucceed(string listed)
    {
        // Backwards from now: every step must have been given up, by its own reason or by a later salvage, which gives up all that was missing before it.
        var salvaged = false;
        for (var i = Past.Count - 1; i >= 0; i--)
        {
            salvaged |= Past[i].End == IncarnationEnd.Salvaged;
            if (!salvaged && Past[i].End != IncarnationEnd.Unclean)
            {
                return false;
            }

            if (Past[i].Incarnation == listed)
            {
                return true;
            }
        }

        // Of an incarnation that nothing is known of any more only a salvage lets go.
        return salvaged;
    }

    private static LogIncarnation? Read(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (AtomicFile.Read(disk, path) is not { } bytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LogIncarnation>(bytes) is { Current: not null, Past: not null } known
                ? known
                : throw new InvalidDataException($"{path} holds no incarnation");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} holds no incarnation: {exception.Message}", exception);
        }
    }

    private static LogIncarnation Renew(IDisk disk, string directory, LogIncarnation known, IncarnationEnd end) =>
        Write(disk, directory, new LogIncarnation { Current = NodeIdentity.NewId(), Past = [.. known.Past, new PastIncarnation(known.Current, end)] });

    private static LogIncarnation Write(IDisk disk, string directory, LogIncarnation incarnation)
    {
        AtomicFile.Write(disk, Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(incarnation));
        return incarnation;
    }
}
