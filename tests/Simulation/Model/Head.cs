using Deucalion.Common.Contracts;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.Model;

/// <summary>A generation that was cut and not yet truncated.</summary>
internal readonly record struct Sealed(int Generation, Bits Samples);

/// <summary>A generation that became a block.</summary>
internal readonly record struct Truncated(int Generation, int Block);

/// <summary>
/// A model of the head: what committed records make of it. Two heads have the same hash if they hold the same, whatever they were fed with.
/// </summary>
internal sealed class Head(WorldRules rules)
{
    private readonly int[] _newest = [-1, -1, -1];
    private Bits _open;
    private List<Sealed> _sealed = [];
    private List<Truncated> _truncated = [];

    public LogPoint Applied { get; private set; }

    /// <summary>Of all that it holds.</summary>
    public ulong Hash
    {
        get
        {
            var hash = Mix((ulong)OpenGeneration, _open.Hash());
            foreach (var newest in _newest)
            {
                hash = Mix(hash, (ulong)newest);
            }

            foreach (var generation in _sealed)
            {
                hash = Mix(Mix(hash, (ulong)generation.Generation), generation.Samples.Hash());
            }

            foreach (var generation in _truncated)
            {
                hash = Mix(hash, ((ulong)generation.Generation << 32) ^ (uint)generation.Block);
            }

            return hash;
        }
    }

    /// <summary>How many generations were cut.</summary>
    public int OpenGeneration { get; private set; }

    public bool HasOpenSamples => _open.FirstNotIn(default) >= 0;

    public IReadOnlyList<Sealed> SealedGenerations => _sealed;

    /// <summary>Generations that a reader has to find in a manifest. Never changed, only replaced.</summary>
    public List<Truncated> TruncatedGenerations => _truncated;

    public int Newest(int client) => _newest[client];

    public Head Clone()
    {
        var copy = new Head(rules);
        copy.Load(this);
        return copy;
    }

    /// <summary>Becomes what another one is.</summary>
    public void Load(Head other)
    {
        Applied = other.Applied;
        OpenGeneration = other.OpenGeneration;
        _open = other._open;
        _sealed = other._sealed;
        _truncated = other._truncated;
        other._newest.CopyTo(_newest, 0);
    }

    public Bits Samples()
    {
        var samples = _open;
        foreach (var generation in _sealed)
        {
            samples.Add(generation.Samples);
        }

        return samples;
    }

    public void Apply(LogRecord record)
    {
        var (first, second) = Records.Read(record);
        switch (record.Kind)
        {
            case var kind when Records.IsSample(kind):
                AddSample(first);
                break;
            case RecordKind.Cut when first == OpenGeneration:
                _sealed = [.. _sealed, new Sealed(second, _open)];
                _open = default;
                OpenGeneration++;
                break;
            case RecordKind.Truncate when _sealed.Exists(generation => generation.Generation == first):
                _sealed = _sealed.FindAll(generation => generation.Generation != first && (rules.TruncatesOnlyNamed));
                _truncated = [.. _truncated, new Truncated(first, second)];
                break;
        }

        Applied = record.Point;
    }

    /// <summary>Only without its rule: a replica goes on past a record that it does not understand.</summary>
    public void Skip(LogRecord record) => Applied = record.Point;

    /// <summary>Only without its rule: a replica drops by itself what it believes to be published.</summary>
    public void DropUnasked(int generation) => _sealed = _sealed.FindAll(known => known.Generation != generation);

    private static ulong Mix(ulong hash, ulong value)
    {
        hash = (hash ^ value) * 0xBF58476D1CE4E5B9;
        return hash ^ (hash >> 31);
    }

    private void AddSample(int sample)
    {
        var client = sample / Bits.PerClient;
        _newest[client] = Math.Max(_newest[client], sample % Bits.PerClient);
        if (rules.LateSamplesOpenNextGeneration || _sealed.Count == 0)
        {
            _open.Add(sample);
            return;
        }

        var last = _sealed[^1];
        var samples = last.Samples;
        samples.Add(sample);
        _sealed = [.. _sealed[..^1], last with { Samples = samples }];
    }
}
