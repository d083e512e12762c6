using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Cluster.Companions;

/// <summary>
/// What stands in front of a cluster: asks every member's <c>/ready</c> once a second, hands each request to the next member that was ready, and never
/// tries again. A member that stops has to serve until this has noticed. One that says no, or is not there, is left out at once; one that does not
/// answer in time, only the third time, as machines are busy at times.
/// </summary>
internal sealed class RoundRobinProxy : IAsyncDisposable
{
    private const int LateAnswers = 3;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly string[] ConnectionHeaders = ["Connection", "Transfer-Encoding", "Keep-Alive", "Host", "Content-Length"];

    private readonly Func<IReadOnlyList<Uri>> _members;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly CancellationTokenSource _stop = new();
    private readonly LocalServer _server;
    private readonly ConcurrentDictionary<Uri, int> _late = new();
    private IReadOnlyList<Uri> _ready = [];
    private Task _polling = Task.CompletedTask;
    private int _next;

    private RoundRobinProxy(Func<IReadOnlyList<Uri>> members)
    {
        _members = members;
        _server = new LocalServer(ForwardAsync);
    }

    public Uri Url { get; private set; } = null!; // Set before the constructor's caller gets it.

    public static async Task<RoundRobinProxy> StartAsync(Func<IReadOnlyList<Uri>> members)
    {
        var proxy = new RoundRobinProxy(members);
        await proxy.PollAsync();
        proxy.Url = await proxy._server.StartAsync();
        proxy._polling = Task.Run(proxy.KeepPollingAsync);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _polling;
        await _server.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task KeepPollingAsync()
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await PollAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The orderly end.
        }
    }

    private async Task PollAsync()
    {
        var members = _members();
        var ready = await Task.WhenAll(members.Select(IsReadyAsync));
        Volatile.Write(ref _ready, [.. members.Where((_, i) => ready[i])]);
    }

    private async Task<bool> IsReadyAsync(Uri member)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(Period);
        try
        {
            using var response = await _http.GetAsync(new Uri(member, "/ready"), deadline.Token);
            _late[member] = 0;
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return _late.AddOrUpdate(member, 1, static (_, late) => late + 1) < LateAnswers && _ready.Contains(member);
        }
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var ready = Volatile.Read(ref _ready);
        if (ready.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync("no member is ready", context.RequestAborted);
            return;
        }

        var member = ready[(int)((uint)Interlocked.Increment(ref _next) % ready.Count)];
        try
        {
            await ForwardAsync(context, member);
        }
        catch (HttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync($"{member}: {e.Message}", context.RequestAborted);
        }
    }

    private async Task ForwardAsync(HttpContext context, Uri member)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(member, context.Request.Path + context.Request.QueryString));
        if (body.Length > 0)
        {
            request.Content = new StreamContent(body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(static h => !ConnectionHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(static h => !ConnectionHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
