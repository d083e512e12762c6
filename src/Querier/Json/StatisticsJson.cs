using Deucalion.PromQL.Engine;

namespace Deucalion.Querier.Json;

/// <summary>The <c>stats</c> object of query answers.</summary>
internal static class StatisticsJson
{
    /// <summary>Appends it; <paramref name="queued"/> is the time spent waiting for a place.</summary>
    public static void Write(JsonOutput output, QueryStatistics statistics, TimeSpan queued)
    {
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
        output.Raw("}}"u8);
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
