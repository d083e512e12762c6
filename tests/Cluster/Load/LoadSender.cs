using System.Net;
using System.Net.Sockets;
using Deucalion.Testing.RemoteWrite;

namespace Deucalion.Cluster.Load;

/// <summary>
/// One sender of remote write 1.0: a step of all its series is due at every interval; what is due is sent in order, one request at a time, and the same
/// bytes again, to the next node, until they are acknowledged.
/// </summary>
internal sealed class LoadSender : IDisposable
{
    private readonly int _number;
    private readonly LoadOptions _options;
    private readonly RunClock _clock;
    private readonly long _startMilliseconds;
    private readonly AckJournal _journal;
    private readonly Func<IReadOnlyList<Uri>> _targets;
    private readonly HttpClient _http;
    private int _target;

    public LoadSender(int number, LoadOptions options, RunClock clock, long startMilliseconds, AckJournal journal, Func<IReadOnlyList<Uri>> targets)
    {
        _number = number;
        _options = options;
        _clock = clock;
        _startMilliseconds = startMilliseconds;
        _journal = journal;
        _targets = targets;
        _target = number;
        _http = new HttpClient { Timeout = options.Timeout };
        _http.DefaultRequestHeaders.Add("X-Scope-OrgID", LoadSeries.TenantOf(number));
        Ledger = new SenderLedger(number);
    }

    public SenderLedger Ledger { get; }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var begun = _clock.Now;
        try
        {
            for (var next = 0L; ;)
            {
                var due = (long)((_clock.Now - begun) / _options.Interval) + 1;
                if (due <= next)
                {
                    var wait = begun + (next * _options.Interval) - _clock.Now;
                    await Task.Delay(wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1), cancellationToken);
                    continue;
                }

                var end = Math.Min(due, next + _options.StepsPerRequest);
                await DeliverAsync(next, end, cancellationToken);
                next = end;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The load ends; a request under way stays without an answer, and the ledger says so.
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task DeliverAsync(long first, long end, CancellationToken cancellationToken)
    {
        var body = Encode(first, end);
        Ledger.Sending(end);
        var pause = _options.ShortestPause;
        for (var tries = 1; ; tries++)
        {
            var targets = _targets();
            var target = targets[_target % targets.Count];
            var sent = _clock.Now;
            var failure = await PostAsync(target, body, cancellationToken);
            if (failure is null)
            {
                Ledger.Acknowledged(end);
                _journal.Add(new Delivery(_number, first, end, (int)(end - first) * _options.SeriesPerSender, sent, _clock.Now, target, tries));
                return;
            }

            _journal.Add(failure);
            _target++;
            if (failure.IsRefusal || !_options.Retries)
            {
                Ledger.GaveUp(end);
                return;
            }

            await Task.Delay(pause, cancellationToken);
            pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
        }
    }

    // Null for success.
    private async Task<Failure?> PostAsync(Uri target, byte[] body, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        try
        {
            using var response = await _http.PostAsync(new Uri(target, "/api/v1/push"), content, cancellationToken);
            return response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous
                ? null
                : new Failure(_number, _clock.Now, target, (int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Failure(_number, _clock.Now, target, 0, e.Message);
        }
    }

    private byte[] Encode(long first, long end)
    {
        var request = new WriteRequestEncoder();
        for (var series = 0; series < _options.SeriesPerSender; series++)
        {
            var samples = new (long, double)[end - first];
            for (var step = first; step < end; step++)
            {
                samples[step - first] = (_startMilliseconds + (step * (long)_options.Interval.TotalMilliseconds), LoadSeries.ValueOf(_number, series, step));
            }

            request.Series(LoadSeries.LabelsOf(_number, series), samples);
        }

        return request.ToSnappy();
    }
}
