using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Tests.Remote;

/// <summary>What heads may answer, by chance, and what an answer says as text.</summary>
internal static class RandomAnswers
{
    public static NodeAnswer<T> Of<T>(Random random, Func<Random, T> value)
    {
        var partitions = Enumerable.Range(0, random.Next(1, 20)).Select(static x => new PartitionId(3 * x)).ToList();
        var contents = partitions.Where(_ => random.Next(2) == 0)
            .Select(x => new PartitionAnswer<T>(x, value(random), [.. Enumerable.Range(0, random.Next(3)).Select(i => new TruncatedGeneration(x.Value, i, "ULID" + i))]))
            .ToList();
        return new NodeAnswer<T>(
            contents, partitions, [.. Enumerable.Range(0, random.Next(3)).Select(i => new UnansweredPartition(new PartitionId((3 * i) + 1), i == 0 ? null : "reason " + i))]);
    }

    /// <summary>Series with chunks, some of which are as long as is said.</summary>
    public static ChunkSeriesBatch Chunks(Random random, int longest)
    {
        var batch = new ChunkSeriesBatch();
        for (var s = random.Next(60); s > 0; s--)
        {
            batch.BeginSeries(LabelSet(random));
            var isLong = random.Next(200) == 0;
            for (var c = random.Next(5); c > 0; c--)
            {
                var bytes = batch.AddChunk((byte)random.Next(256), random.NextInt64(), -random.NextInt64(), isLong ? random.Next(longest) : random.Next(300));
                random.NextBytes(bytes);
            }
        }

        return batch;
    }

    public static IReadOnlyList<Labels> Series(Random random) => [.. Enumerable.Range(0, random.Next(60)).Select(_ => LabelSet(random))];

    public static IReadOnlyCollection<string> Names(Random random) => Enumerable.Range(0, random.Next(60)).Select(_ => Text(random)).ToHashSet();

    public static IReadOnlyList<MetricMetadata> Metadata(Random random) =>
        [.. Enumerable.Range(0, random.Next(60)).Select(_ => new MetricMetadata(Text(random), Text(random), Text(random), ""))];

    public static IReadOnlyList<SeriesExemplars> Exemplars(Random random) => [.. Enumerable.Range(0, random.Next(60)).Select(_ => new SeriesExemplars(
        LabelSet(random),
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => new Exemplar(LabelSet(random), BitConverter.Int64BitsToDouble(random.NextInt64()), random.NextInt64()))]))];

    public static HeadFigures Figures(Random random) => new(
        new HeadStatus
        {
            Series = random.NextInt64(),
            LabelPairs = random.NextInt64(),
            Chunks = random.NextInt64(),
            MinTime = random.Next(2) == 0 ? long.MaxValue : random.NextInt64(),
            MaxTime = random.Next(2) == 0 ? long.MinValue : -random.NextInt64(),
            SeriesByMetric = Counts(random),
            ValuesByLabel = [],
            BytesByLabel = [],
            SeriesByPair = Counts(random),
        },
        Enumerable.Range(0, random.Next(10)).ToDictionary(static x => "label" + x, _ => Names(random).ToHashSet()));

    public static string Describe<T>(NodeAnswer<T> answer) => string.Join('\n', answer.Contents.Select(static x => $"{x.Partition} {string.Join(' ', x.Truncated)} {Describe(x.Value)}"))
        + $"\nanswered {string.Join(' ', answer.Answered)}\nunanswered {string.Join(' ', answer.Unanswered)}";

    private static string Describe<T>(T value) => value switch
    {
        ChunkSeriesBatch batch => string.Join('\n', Enumerable.Range(0, batch.Count).Select(i => batch.LabelsAt(i) + string.Concat(batch.ChunksAt(i).ToArray().Select(
            chunk => string.Create(CultureInfo.InvariantCulture, $" {chunk.Encoding} {chunk.MinTime} {chunk.MaxTime} {Short(batch.Bytes(chunk))}"))))),
        IReadOnlyList<Labels> series => string.Join('\n', series),
        IReadOnlyCollection<string> names => string.Join(',', names),
        IReadOnlyList<MetricMetadata> metadata => string.Join('\n', metadata),
        IReadOnlyList<SeriesExemplars> exemplars => string.Join('\n', exemplars.Select(static x => x.Series + string.Concat(x.Exemplars.Select(
            static e => string.Create(CultureInfo.InvariantCulture, $" {e.Labels} {BitConverter.DoubleToInt64Bits(e.Value)} {e.Time}"))))),
        HeadFigures figures => $"{figures.Status with { SeriesByMetric = [], SeriesByPair = [], ValuesByLabel = [], BytesByLabel = [] }} {string.Join(' ', figures.Status.SeriesByMetric)} "
            + $"{string.Join(' ', figures.Status.SeriesByPair)} {string.Join(' ', figures.Values.Select(static x => $"{x.Key}: {string.Join(',', x.Value)}"))}",
        _ => throw new NotSupportedException(typeof(T).Name),
    };

    private static string Short(ReadOnlySpan<byte> bytes) => bytes.Length < 400
        ? Convert.ToHexString(bytes)
        : string.Create(CultureInfo.InvariantCulture, $"{bytes.Length}:{Common.Hashing.Crc32C.Compute(bytes)}");

    private static List<NamedCount> Counts(Random random) => [.. Enumerable.Range(0, random.Next(30)).Select(_ => new NamedCount(Text(random), random.NextInt64()))];

    private static Labels LabelSet(Random random) =>
        Labels.Of([.. Enumerable.Range(0, random.Next(6)).Select(i => ("name" + i, Text(random)))]);

    private static string Text(Random random) => random.Next(3) == 0 ? "text-" + random.Next() : new string("\u00e4\u4e2dbc"[random.Next(4)], random.Next(1, 5));
}
