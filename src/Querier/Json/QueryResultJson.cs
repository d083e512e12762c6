using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;

namespace Deucalion.Querier.Json;

/// <summary>Results of queries as JSON.</summary>
internal static class QueryResultJson
{
    // Room for [time,"value"] with its comma.
    private const int MaxPointLength = SampleText.MaxTimeLength + SampleText.MaxFloatLength + 8;
    private const int PointsAtOnce = 512;

    /// <summary>Appends a label set as an object.</summary>
    public static void WriteLabels(JsonOutput output, Labels labels)
    {
        output.Raw((byte)'{');
        var pairs = labels.Pairs;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (i > 0)
            {
                output.Raw((byte)',');
            }

            output.LabelString(pairs[i]);
            output.Raw((byte)':');
            output.LabelString(pairs[i + 1]);
        }

        output.Raw((byte)'}');
    }

    /// <summary>Appends a scalar's or a string's <c>[time,"…"]</c>.</summary>
    public static void WriteSingle(JsonOutput output, QueryResult result)
    {
        output.Raw((byte)'[');
        output.Number(result.Time / 1000.0);
        output.Raw((byte)',');
        if (result.Type == ResultType.String)
        {
            output.String(result.Text);
        }
        else
        {
            output.Raw((byte)'"');
            output.Advance(Common.Text.GoFloat.WriteFixed(output.Reserve(Common.Text.GoFloat.MaxFixedLength), result.Scalar));
            output.Raw((byte)'"');
        }

        output.Raw((byte)']');
    }

    /// <summary>Appends one element of a vector.</summary>
    public static void WriteSample(JsonOutput output, ResultSeries series)
    {
        output.Raw("{\"metric\":"u8);
        WriteLabels(output, series.Labels);
        if (series.HistogramAt(0) is { } histogram)
        {
            output.Raw(",\"histogram\":"u8);
            WriteHistogramPoint(output, series.Times[0], histogram);
        }
        else
        {
            output.Raw(",\"value\":"u8);
            var room = output.Reserve(MaxPointLength);
            output.Advance(WritePoint(room, series.Times[0], series.Values[0]));
        }

        output.Raw((byte)'}');
    }

    /// <summary>Appends one series of a matrix.</summary>
    public static void WriteSeries(JsonOutput output, ResultSeries series)
    {
        output.Raw("{\"metric\":"u8);
        WriteLabels(output, series.Labels);
        WriteFloats(output, series.Times, series.Values);
        if (series.Histograms is { } histograms)
        {
            WriteHistograms(output, series.Times, histograms);
        }

        output.Raw((byte)'}');
    }

    private static void WriteFloats(JsonOutput output, ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var first = true;
        for (var start = 0; start < values.Length; start += PointsAtOnce)
        {
            output.Abandoned.ThrowIfCancellationRequested();
            var count = Math.Min(PointsAtOnce, values.Length - start);
            var room = output.Reserve((count * MaxPointLength) + 16);
            var at = 0;
            for (var i = start; i < start + count; i++)
            {
                if (SpecialValues.IsStaleNaN(values[i]))
                {
                    continue;
                }

                if (first)
                {
                    ",\"values\":["u8.CopyTo(room);
                    at = ",\"values\":["u8.Length;
                    first = false;
                }
                else
                {
                    room[at++] = (byte)',';
                }

                at += WritePoint(room[at..], times[i], values[i]);
            }

            output.Advance(at);
        }

        if (!first)
        {
            output.Raw((byte)']');
        }
    }

    private static int WritePoint(Span<byte> room, long time, double value)
    {
        room[0] = (byte)'[';
        var at = 1 + SampleText.WriteTime(room[1..], time);
        room[at] = (byte)',';
        room[at + 1] = (byte)'"';
        at += 2;
        at += SampleText.WriteValue(room[at..], value);
        room[at] = (byte)'"';
        room[at + 1] = (byte)']';
        return at + 2;
    }

    private static void WriteHistograms(JsonOutput output, ReadOnlySpan<long> times, ReadOnlySpan<FloatHistogram?> histograms)
    {
        var first = true;
        for (var i = 0; i < histograms.Length; i++)
        {
            if (histograms[i] is { } histogram)
            {
                output.Abandoned.ThrowIfCancellationRequested();
                output.Raw(first ? ",\"histograms\":["u8 : ","u8);
                first = false;
                WriteHistogramPoint(output, times[i], histogram);
            }
        }

        if (!first)
        {
            output.Raw((byte)']');
        }
    }

    private static void WriteHistogramPoint(JsonOutput output, long time, FloatHistogram histogram)
    {
        output.Raw((byte)'[');
        output.Advance(SampleText.WriteTime(output.Reserve(SampleText.MaxTimeLength), time));
        output.Raw((byte)',');
        HistogramJson.Write(output, histogram);
        output.Raw((byte)']');
    }
}
