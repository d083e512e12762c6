using System.Buffers;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Storage.Head.Checkpoints;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head;

/// <summary>
/// The recent samples of one tenant in one partition.
/// <para>
/// Writing: the primary stages a batch (<see cref="Stage"/>), which validates it against what is applied and what is staged, and encodes log
/// records; when the log has committed them, every replica feeds them to <see cref="Apply"/>, in order. That is the only way in which the
/// readable state changes, at commit as at replay. A primary that loses its place calls <see cref="DropStaged"/>.
/// </para>
/// <para>
/// Time is cut into windows of two hours. Samples of a window belong to its open generation; a cut seals that, a later sample of the window opens
/// the next one. A sealed generation is readable, and can be written as a block, until its truncation is applied.
/// </para>
/// <para>
/// Threads: one writer, the partition's actor, calls everything that has no other remark. Select, Series, LabelNames, LabelValues,
/// Status, Metadata, TruncatedGenerations and the reader of a sealed window are for any thread, beside the writer and each other, without locks.
/// </para>
/// </summary>
public sealed class TenantHead : IDisposable
{
    /// <summary>Length of a window in milliseconds.</summary>
    public const long WindowLength = 2 * 60 * 60 * 1000;

    private const long IdleBeforeCut = 60 * 60 * 1000;

    private readonly HeadState _state;
    private readonly HeadStaging _staging;
    private readonly HeadApplier _applier;
    private readonly HeadReader _reader;
    private readonly HeadMetadata _metadata = new();
    private long _idleSince;

    /// <summary>An empty head.</summary>
    /// <param name="resources">What the heads of the node share.</param>
    /// <param name="partition">The partition, as truncated generations name it.</param>
    public TenantHead(HeadResources resources, int partition)
    {
        _state = new HeadState(resources, partition);
        _staging = new HeadStaging(_state);
        _applier = new HeadApplier(_state, _staging);
        _reader = new HeadReader(_state);
    }

    /// <summary>Series held. Any thread.</summary>
    public int SeriesCount => _state.SeriesCount;

    /// <summary>Newest sample applied, Unix milliseconds, or long.MinValue. Any thread.</summary>
    public long MaxTime => _state.MaxTime;

    /// <summary>Bytes of memory held, symbols shared with other heads aside. Any thread.</summary>
    public long ReservedBytes => _state.ReservedBytes;

    /// <summary>Samples staged and not yet applied.</summary>
    public int PendingSamples => _staging.PendingCount;

    /// <summary>
    /// Generations that became blocks within the last hour. Any thread; to be read after a select, so that what the select found gone is named.
    /// </summary>
    public IReadOnlyList<TruncatedGeneration> TruncatedGenerations => _state.Generations.Truncated;

    internal HeadState State => _state;

    /// <summary>
    /// Validates the samples of some series of a batch and writes what is to be logged: records of new series, of floats, of histograms, of exemplars, each
    /// only where there is something in it. Labels must be sorted, unique and without empty values.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="series">Indexes of the batch's series that belong to this head.</param>
    /// <param name="hashes">Routing hash of each of them.</param>
    /// <param name="now">The clock, Unix milliseconds.</param>
    /// <param name="limits">What samples must keep.</param>
    /// <param name="records">Takes the records.</param>
    /// <param name="result">Counts are added to it.</param>
    public void Stage(
        WriteBatch batch, ReadOnlySpan<int> series, ReadOnlySpan<ulong> hashes, long now, HeadLimits limits, IRecordSink records, StageResult result) =>
        _staging.Stage(batch, series, hashes, now, limits, records, result);

    /// <summary>Writes a record of the metadata entries (indexes into the batch's) that are new or changed.</summary>
    public void StageMetadata(WriteBatch batch, ReadOnlySpan<int> entries, IRecordSink records) => _metadata.Stage(batch, entries, records);

    /// <summary>Writes the record that seals the open generation of a window.</summary>
    public void StageCut(DueWindow window, IRecordSink records)
    {
        if (_state.Generations.OpenOf(window.WindowStart)?.Id != window.Generation)
        {
            throw new ArgumentException($"generation {window.Generation} is not open", nameof(window));
        }

        WindowRecords.WriteCut(records.Begin(RecordKind.Cut), window.WindowStart, window.Generation);
        records.End();
    }

    /// <summary>Writes the record that hands a sealed generation over to a block, with the refs of series that will have no samples left.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="ulid">The block, published already.</param>
    /// <param name="now">The clock, Unix milliseconds.</param>
    /// <param name="records">Takes the record.</param>
    public void StageTruncate(long generation, string ulid, long now, IRecordSink records)
    {
        var entry = _state.Generations.ById(generation) ?? throw new ArgumentException($"no generation {generation}", nameof(generation));
        WindowRecords.WriteTruncate(records.Begin(RecordKind.Truncate), generation, ulid, now, _staging.StageDrops(entry));
        records.End();
    }

    /// <summary>Applies a committed record; the payload is what was staged, without the tenant in front.</summary>
    /// <exception cref="HeadFormatException">The payload is not what a head stages, or does not fit: the head must not be used any more.</exception>
    public void Apply(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case RecordKind.Series:
                _applier.Series(payload);
                break;
            case RecordKind.Samples:
                _applier.Samples(payload);
                break;
            case RecordKind.Histograms:
                _applier.Histograms(payload);
                break;
            case RecordKind.Exemplars:
                _applier.Exemplars(payload);
                break;
            case RecordKind.Metadata:
                _metadata.Apply(payload);
                break;
            case RecordKind.Cut:
                _applier.Cut(payload);
                break;
            case RecordKind.Truncate:
                _applier.Truncate(payload);
                _staging.TruncateApplied();
                break;
            default:
                throw new HeadFormatException($"record kind {kind} is none of a head");
        }
    }

    /// <summary>
    /// Names a deletion that the manifest shows to readers for an hour, as a truncation is named: who has an older list of blocks reads it again. At is Unix
    /// milliseconds. For the writer, as the log says.
    /// </summary>
    public void NameDeletion(string ulid, long at) => _state.Generations.Name(0, ulid, at);

    /// <summary>The head is to be dropped with all that it holds: sealed windows say so from now on, also to who reads them. For the writer.</summary>
    public void Discard() => _state.Generations.Discard();

    /// <summary>Forgets what has been staged and not applied: the records will not be committed by this replica.</summary>
    public void DropStaged()
    {
        _idleSince = 0;
        _staging.DropStaged();
        _metadata.DropStaged();
    }

    /// <summary>All windows that take samples, as far as applied, oldest first.</summary>
    public IReadOnlyList<DueWindow> OpenWindows() =>
        [.. _state.Generations.Open.OrderBy(static g => g.WindowStart).Select(static g => new DueWindow(g.WindowStart, g.Id))];

    /// <summary>
    /// The open windows that should be cut, oldest first: those that the newest sample has passed by half a window (an hour later where late samples
    /// have opened them again), and all where nothing has been appended for an hour.
    /// </summary>
    public IReadOnlyList<DueWindow> DueWindows(long now)
    {
        // Without a staged append nobody here knows when the last one was: the hour is counted from the first question.
        _idleSince = _staging.LastAppend != 0 ? _staging.LastAppend : _idleSince == 0 ? now : _idleSince;
        var idle = now - _idleSince >= IdleBeforeCut && _staging.PendingCount == 0;
        var due = new List<DueWindow>();
        foreach (var generation in _state.Generations.Open)
        {
            if (idle || IsPassed(generation, now))
            {
                due.Add(new DueWindow(generation.WindowStart, generation.Id));
            }
        }

        due.Sort(static (a, b) => a.WindowStart.CompareTo(b.WindowStart));
        return due;
    }

    private bool IsPassed(HeadGeneration generation, long now)
    {
        if (_state.MaxTime < generation.WindowEnd + (WindowLength / 2))
        {
            return false;
        }

        // A window that late samples opened again stays open for an hour: else each of them would become a block of its own.
        if (!generation.OpenedLate)
        {
            return true;
        }

        generation.SeenAt ??= now;
        return now - generation.SeenAt >= IdleBeforeCut;
    }

    /// <summary>The generations that are sealed and not truncated yet, oldest first.</summary>
    public IReadOnlyList<SealedWindow> SealedWindows() =>
        [.. _state.Generations.All.Where(g => g.Sealed).Select(g => new SealedWindow(_state, g))];

    /// <summary>Adds the series that match all matchers with copies of their chunks that overlap [minTime, maxTime]. Any thread.</summary>
    public void Select(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, ChunkSeriesBatch into, CancellationToken cancellationToken = default) =>
        new HeadSelect(_state, matchers, minTime, maxTime, into, cancellationToken).Run();

    /// <summary>The same, to be done by the caller or on other threads, into a batch of its own. Any thread.</summary>
    public HeadSelect BeginSelect(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        new(_state, matchers, minTime, maxTime, null, cancellationToken);

    /// <summary>Adds the labels of series that match all matchers and have samples in [minTime, maxTime]. Any thread.</summary>
    public void Series(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, List<Labels> into, CancellationToken cancellationToken = default) =>
        _reader.Series(matchers, minTime, maxTime, into, cancellationToken);

    /// <summary>Adds the label names of matching series; without matchers those of all series, whatever their times. Any thread.</summary>
    public void LabelNames(IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, HashSet<string> into, CancellationToken cancellationToken = default) =>
        _reader.LabelNames(matchers, minTime, maxTime, into, cancellationToken);

    /// <summary>Adds the values of a label in matching series; without matchers those of all series, whatever their times. Any thread.</summary>
    public void LabelValues(
        string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, HashSet<string> into, CancellationToken cancellationToken = default) =>
        _reader.LabelValues(name, matchers, minTime, maxTime, into, cancellationToken);

    /// <summary>Metadata of all families, sorted by name. Any thread.</summary>
    public IReadOnlyList<MetricMetadata> Metadata() => _metadata.All();

    /// <summary>
    /// Adds the exemplars of a time range, oldest first, of the series that match all matchers of at least one list. Exemplars go with their series. Any thread.
    /// </summary>
    public void Exemplars(IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, List<SeriesExemplars> into, CancellationToken cancellationToken = default) =>
        _reader.Exemplars(selectors, minTime, maxTime, into, cancellationToken);

    /// <summary>Figures of the head, lists with at most <paramref name="limit"/> entries. Any thread.</summary>
    public HeadStatus Status(int limit) => _reader.Status(limit);

    /// <summary>Writes the whole applied state. Heads that hold the same write the same bytes.</summary>
    public void WriteCheckpoint(IBufferWriter<byte> output) => new HeadCheckpointWriter(_state, output).Write(_metadata);

    /// <summary>A head with the state of a checkpoint, to which the records behind it can be applied.</summary>
    /// <exception cref="HeadFormatException">The bytes are no checkpoint of a known version.</exception>
    public static TenantHead ReadCheckpoint(HeadResources resources, int partition, CheckpointRead read)
    {
        var head = new TenantHead(resources, partition);
        try
        {
            new HeadCheckpointReader(head._state, head._applier, partition).Read(head._metadata, read);
            return head;
        }
        catch
        {
            head.Dispose();
            throw;
        }
    }

    /// <summary>Frees the memory once the readers at work have left; those who come later get <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _state.Dispose();
}
