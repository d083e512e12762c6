using System.Globalization;
using System.Net;
using Deucalion.Testing.RemoteWrite;

namespace Deucalion.Interop.Kit;

/// <summary>
/// A sender that behaves as Prometheus does (retries what was not acknowledged, drops what was refused) and remembers every sample that was
/// acknowledged. Series are <c>name{writer,series}</c>; sample k of a series has time start + k * 250 ms and a value that follows from both.
/// </summary>
public sealed class AcknowledgedWriter(string name, int writer, int series, long startMilliseconds)
{
    // Short, so that a fast machine does not write itself into the future.
    private const long Step = 250;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private long _next;
    private long _failures;

    /// <summary>Number of steps that were acknowledged: samples 0 … Acknowledged-1 of every series.</summary>
    public long Acknowledged => Volatile.Read(ref _next);

    /// <summary>Requests refused with 4xx: must stay 0.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Status of the last answer; 0 before the first.</summary>
    public int LastStatus { get; private set; }

    /// <summary>Requests answered 5xx.</summary>
    public long Failures => Volatile.Read(ref _failures);

    public static double ValueOf(int writer, int series, long step) => (writer * 1_000_000) + (series * 1000) + ((step * 7919) % 1009) + ((step & 3) * 0.25);

    /// <summary>Sends step after step until cancelled; a failed request is sent again, to whatever <paramref name="url"/> then says.</summary>
    public async Task RunAsync(Func<string> url, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && Refusal is null)
        {
            try
            {
                await SendAsync(url(), cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                // Not acknowledged: the node is down or going down. Sent again, as a real sender would.
                await Task.Yield();
            }
        }
    }

    /// <summary>Compares what the node holds with what was acknowledged; returns a description of the first difference, or null.</summary>
    public async Task<string?> VerifyAsync(NodeProcess node)
    {
        var steps = Acknowledged;
        if (steps == 0)
        {
            return null;
        }

        var end = (startMilliseconds + (steps * Step)) / 1000.0;
        var query = string.Create(CultureInfo.InvariantCulture, $"{name}{{writer=\"{writer}\"}}[{(steps + 1) * Step}ms]");
        var data = await node.GetDataAsync(PrometheusApi.InstantPath(query, end));
        var result = data.GetProperty("result").EnumerateArray().ToDictionary(static s => int.Parse(s.GetProperty("metric").GetProperty("series").GetString()!, CultureInfo.InvariantCulture));
        for (var s = 0; s < series; s++)
        {
            if (!result.TryGetValue(s, out var found))
            {
                return $"writer {writer}: series {s} is missing, {steps} samples of it were acknowledged";
            }

            var values = found.GetProperty("values").EnumerateArray().ToDictionary(
                static v => (long)Math.Round(v[0].GetDouble() * 1000), static v => double.Parse(v[1].GetString()!, CultureInfo.InvariantCulture));
            for (long step = 0; step < steps; step++)
            {
                if (!values.TryGetValue(startMilliseconds + (step * Step), out var value) || value != ValueOf(writer, s, step))
                {
                    return $"writer {writer}: sample {step} of {steps} acknowledged ones of series {s} is {(values.ContainsKey(startMilliseconds + (step * Step)) ? $"wrong: {value}" : "lost")}";
                }
            }
        }

        return null;
    }

    private async Task SendAsync(string url, CancellationToken cancellationToken)
    {
        var step = _next;
        var request = new WriteRequestEncoder();
        for (var s = 0; s < series; s++)
        {
            request.Series(
                [("__name__", name), ("series", s.ToString(CultureInfo.InvariantCulture)), ("writer", writer.ToString(CultureInfo.InvariantCulture))],
                [(startMilliseconds + (step * Step), ValueOf(writer, s, step))]);
        }

        using var content = new ByteArrayContent(request.ToSnappy());
        content.Headers.ContentType = new("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        using var response = await Http.PostAsync(new Uri($"{url}/api/v1/push"), content, cancellationToken);
        LastStatus = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            Volatile.Write(ref _next, step + 1);
        }
        else if (response.StatusCode < HttpStatusCode.InternalServerError)
        {
            Refusal = $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}";
        }
        else
        {
            Interlocked.Increment(ref _failures);
        }
    }
}
