namespace Deucalion.Benchmarks.Load;

/// <summary>Requests with one series that has a sample each second: fifteen a step.</summary>
internal static class ProbeRequest
{
    private const int PerStep = 15;

    /// <summary>The compressed request of one step.</summary>
    public static byte[] Encode(int step, long startSeconds)
    {
        var series = new ProtobufBytes()
            .Message(1, new ProtobufBytes().Text(1, "__name__").Text(2, "probe_duration_seconds"))
            .Message(1, new ProtobufBytes().Text(1, "job").Text(2, "probe"));
        for (var i = 0; i < PerStep; i++)
        {
            var at = (step * PerStep) + i;
            var value = Math.Round(100 + (20 * Math.Sin(at / 97.0)) + (at * 7919 % 1000 / 100.0), 2);
            series.Message(2, new ProtobufBytes().Double(1, value).Integer(2, (startSeconds + at) * 1000));
        }

        return IronSnappy.Snappy.Encode(new ProtobufBytes().Message(1, series).ToArray());
    }
}
