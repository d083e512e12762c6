using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;

namespace Deucalion.Ingester.Read;

/// <summary>Joins the answers of partitions.</summary>
internal static class HeadAnswerMerge
{
    /// <summary>The chunks of all.</summary>
    public static HeadAnswer Chunks(IReadOnlyList<PartitionAnswer<ChunkSeriesBatch>> answers)
    {
        var batches = new ChunkSeriesBatch[answers.Count];
        for (var i = 0; i < batches.Length; i++)
        {
            batches[i] = answers[i].Value;
        }

        return new HeadAnswer(batches, Truncated(answers));
    }

    /// <summary>The series of all.</summary>
    public static HeadSeriesAnswer Series(IReadOnlyList<PartitionAnswer<IReadOnlyList<Labels>>> answers) =>
        new([.. answers.SelectMany(static x => x.Value)], Truncated(answers));

    /// <summary>The names of all, each once, in order.</summary>
    public static HeadNamesAnswer Names(IReadOnlyList<PartitionAnswer<IReadOnlyCollection<string>>> answers)
    {
        var all = new HashSet<string>();
        foreach (var answer in answers)
        {
            all.UnionWith(answer.Value);
        }

        var sorted = all.ToList();
        sorted.Sort(Utf8Order.Compare);
        return new HeadNamesAnswer(sorted, Truncated(answers));
    }

    /// <summary>The metadata of all.</summary>
    public static IReadOnlyList<MetricMetadata> Metadata(IReadOnlyList<PartitionAnswer<IReadOnlyList<MetricMetadata>>> answers) =>
        [.. answers.SelectMany(static x => x.Value)];

    /// <summary>The exemplars of all, each series once.</summary>
    public static IReadOnlyList<SeriesExemplars> Exemplars(IReadOnlyList<PartitionAnswer<IReadOnlyList<SeriesExemplars>>> answers) =>
        ExemplarMerge.Merge([.. answers.Select(static x => x.Value)]);

    /// <summary>The figures of all, lists with at most <paramref name="limit"/> entries.</summary>
    public static HeadStatus Status(IReadOnlyList<PartitionAnswer<HeadFigures>> answers, int limit) =>
        HeadStatusMerge.Merge([.. answers.Select(static x => x.Value.Status)], LabelValueSets.Union(answers.Select(static x => x.Value.Values)), limit);

    private static IReadOnlyList<TruncatedGeneration> Truncated<T>(IReadOnlyList<PartitionAnswer<T>> answers) =>
        answers.Count == 1 ? answers[0].Truncated : [.. answers.SelectMany(static x => x.Truncated)];
}
