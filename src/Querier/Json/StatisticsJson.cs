using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Plan.Explanation;

namespace Deucalion.Querier.Json;

/// <summary>The <c>stats</c> object of query answers.</summary>
internal static class StatisticsJson
{
    /// <summary>Appends it; <paramref name="queued"/> is the time spent waiting for a place.</summary>
    public static void Write(JsonOutput output, QueryResult result, TimeSpan queued, bool withOperators)
    {
        var statistics = result.Statistics;
        var evaluation = statistics.EvaluationTime + statistics.PrepareTime + statistics.ResultTime;
        output.Raw("{\"timings\":{"u8);
        Seconds(output, "evalTotalTime"u8, evaluation, first: true);
        Seconds(output, "resultSortTime"u8, statistics.ResultTime);
        Seconds(output, "queryPreparationTime"u8, statistics.PrepareTime);
        Seconds(output, "innerEvalTime"u8, statistics.EvaluationTime);
        Seconds(output, "execQueueTime"u8, queued);
        Seconds(output, "execTotalTime"u8, evaluation + queued);
        output.Raw("},\"samples\":{\"totalQueryableSamples\":"u8);
        output.Number(statistics.TotalQueryableSamples);
        output.Raw(",\"samplesRead\":"u8);
        output.Number(statistics.SamplesRead);
        output.Raw(",\"peakSamples\":"u8);
        output.Number(statistics.PeakSamples);
        output.Raw((byte)'}');
        if (withOperators)
        {
            output.Raw(",\"peakBytes\":"u8);
            output.Number(statistics.PeakBytes);
            output.Raw(",\"operators\":"u8);
            Operator(output, result.Plan);
        }

        output.Raw((byte)'}');
    }

    private static void Operator(JsonOutput output, PlanNode node)
    {
        output.Raw("{\"operator\":"u8);
        output.String(node.Text);
        Count(output, "series"u8, node.Series);
        Count(output, "samples"u8, node.Samples);
        Count(output, "peakBytes"u8, node.PeakBytes);
        Seconds(output, "openTime"u8, node.OpenTime);
        Seconds(output, "evalTime"u8, node.EvaluationTime);
        output.Raw(",\"inputs\":["u8);
        for (var i = 0; i < node.Children.Count; i++)
        {
            output.Raw(i == 0 ? default : ","u8);
            Operator(output, node.Children[i]);
        }

        output.Raw("]}"u8);
    }

    private static void Count(JsonOutput output, ReadOnlySpan<byte> name, long value)
    {
        output.Raw((byte)',');
        output.Key(name);
        output.Number(value);
    }

    private static void Seconds(JsonOutput output, ReadOnlySpan<byte> name, TimeSpan time, bool first = false)
    {
        if (!first)
        {
            output.Raw((byte)',');
        }

        output.Key(name);
        output.Number(time.TotalSeconds);
    }
}
