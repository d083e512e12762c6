using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>The samples of a head within a range of time, series by series, merged and encoded, as the source of a block.</summary>
internal sealed class HeadBlockSource(PrometheusHead head, HeadSymbols symbols, long minTime, long maxTime) : IBlockSource
{
    private readonly ChunkMerger _merger = new();
    private readonly SampleBuffer _samples = new();
    private readonly SeriesEncoder _encoder = new();
    private XxHash64 _hash = XxHash64.Create(0);
    private uint[] _labels = [];
    private int _series = -1;
    private int _chunk;

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols => symbols.Bytes;

    /// <inheritdoc/>
    public ReadOnlySpan<uint> Labels => _labels;

    /// <summary>Hash of labels and chunks handed out so far.</summary>
    public ulong ContentHash => _hash.Digest();

    /// <inheritdoc/>
    public bool NextSeries()
    {
        while (++_series < head.SeriesCount)
        {
            _merger.Begin();
            head.AddTo(_merger, _series);
            _merger.Read(minTime, maxTime, _samples);
            if (_samples.Count == 0 && _samples.Histograms.Length == 0)
            {
                continue;
            }

            _encoder.Encode(_samples);
            _chunk = 0;
            var pairs = head.Series[_series].Labels.Pairs;
            _labels = _labels.Length == pairs.Length ? _labels : new uint[pairs.Length];
            for (var i = 0; i < pairs.Length; i++)
            {
                _labels[i] = symbols.Number(pairs[i]);
                _hash.Append(symbols.Bytes[(int)_labels[i]].Span);
                _hash.Append([0xff]);
            }

            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public bool NextChunk(out BlockChunk chunk)
    {
        chunk = default;
        if (_chunk >= _encoder.Count)
        {
            return false;
        }

        chunk = _encoder.ChunkAt(_chunk++);
        Span<byte> length = stackalloc byte[5];
        BinaryPrimitives.WriteInt32BigEndian(length, chunk.Data.Length);
        length[4] = chunk.Encoding;
        _hash.Append(length);
        _hash.Append(chunk.Data);
        return true;
    }
}
