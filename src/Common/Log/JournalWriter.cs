using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>Writes rounds into segment files and syncs them. Used by the journal's thread alone.</summary>
internal sealed class JournalWriter
{
    private readonly IDisk _disk;
    private readonly JournalOptions _options;
    private readonly JournalMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly JournalSegments _segments;
    private readonly RoundBuffer _cleanStop = new();
    private IDiskFile? _file;
    private JournalSegment? _segment;
    private JournalPosition _synced;

    public JournalWriter(IDisk disk, JournalOptions options, JournalMetrics metrics, TimeProvider time, JournalSegments segments, JournalPosition synced)
    {
        _disk = disk;
        _options = options;
        _metrics = metrics;
        _time = time;
        _segments = segments;
        _synced = synced;
    }

    /// <summary>False after a failure that leaves the end of the file unknown.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Creates the first segment of a new journal, so that a journal without a segment is always a lost one.</summary>
    public void CreateFirst() => SegmentFor(0);

    /// <summary>Writes a round, with its sync if rounds are synced; returns its end.</summary>
    public JournalPosition Write(RoundBuffer round) => Write(round, 0, _options.Sync == JournalSync.Batch);

    /// <summary>Syncs what was written since the last sync.</summary>
    public void Sync()
    {
        if (_file is null || _segment is null || _synced >= new JournalPosition(_segment.Number, _segment.Length))
        {
            return;
        }

        IsUsable = false;
        var started = _time.GetTimestamp();
        _file.Sync();
        _metrics.Synced(_time.GetElapsedTime(started));
        _synced = new JournalPosition(_segment.Number, _segment.Length);
        IsUsable = true;
    }

    /// <summary>Closes the file; a clean stop is noted by an empty round.</summary>
    public void Close(bool clean)
    {
        try
        {
            if (clean && _file is not null)
            {
                Sync();
                Write(_cleanStop, JournalFormat.CleanStop, sync: true);
            }
        }
        finally
        {
            _cleanStop.Release();
            _file?.Dispose();
            _file = null;
        }
    }

    private JournalPosition Write(RoundBuffer round, uint flags, bool sync)
    {
        var segment = SegmentFor(round.Length);
        var start = segment.Length;
        var bytes = round.Seal(JournalFormat.Tag(_segments.JournalId), new JournalPosition(segment.Number, start), _synced, flags);
        IsUsable = false;
        try
        {
            _file!.Append(bytes);
        }
        catch (DiskFullException)
        {
            TakeBack(start);
            IsUsable = true;
            _metrics.Failed();
            throw;
        }
        catch (IOException)
        {
            _metrics.Failed();
            throw;
        }

        _segments.Written(segment, round);
        if (sync)
        {
            try
            {
                Sync();
            }
            catch (IOException)
            {
                _metrics.Failed();

                // The kernel may now show bytes that the device does not have: nobody shall read them.
                TakeBack(start);
                throw;
            }
        }

        _segments.Durable(segment, round);
        IsUsable = true;
        _metrics.RoundWritten(bytes.Length, round.Waiters.Count);
        return new JournalPosition(segment.Number, segment.Length);
    }

    private void TakeBack(long start)
    {
        _file!.SetLength(start);
        _segments.CutBack(_segment!, start);
    }

    private JournalSegment SegmentFor(int length)
    {
        if (_segment is not null && (_segment.Length + length <= _options.SegmentBytes || _segment.Length == JournalFormat.SegmentHeaderLength))
        {
            return _segment;
        }

        // The mark in the next segment's header says that this one is whole.
        if (_options.Sync != JournalSync.Never)
        {
            Sync();
        }

        var segment = _segments.Next();
        IsUsable = false;
        _disk.Delete(segment.Path);
        var file = _disk.Create(segment.Path);
        try
        {
            Span<byte> header = stackalloc byte[JournalFormat.SegmentHeaderLength];
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            JournalFormat.WriteSegmentHeader(
                header, new SegmentHeader(segment.Number, _segments.JournalId, _options.Sync, _synced, now, _segments.LengthOf(segment.Number - 1)));
            file.Append(header);

            // In every mode: that a segment was begun must not be forgotten, else an unclean stop could look like a clean one.
            file.Sync();
            _disk.SyncDirectory(_options.Directory);
        }
        catch (IOException exception)
        {
            file.Dispose();
            _disk.Delete(segment.Path);
            IsUsable = exception is DiskFullException;
            _metrics.Failed();
            throw;
        }

        _file?.Dispose();
        _file = file;
        segment.Length = JournalFormat.SegmentHeaderLength;
        _segment = segment;
        _segments.Add(segment);
        IsUsable = true;
        return segment;
    }
}
