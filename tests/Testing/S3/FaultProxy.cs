using System.Collections.Concurrent;
using Deucalion.Testing.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Deucalion.Testing.S3;

/// <summary>An HTTP proxy in front of an S3 service that loses, cuts and spoils requests and answers as a test says. Without a service it only spoils.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Uri? _service;
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    private FaultProxy(Uri? service)
    {
        _service = service;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.WebHost.UseUrls(Endpoint.ToString());
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Where clients are to connect.</summary>
    public Uri Endpoint { get; } = new($"http://127.0.0.1:{Ports.Free()}");

    /// <summary>Asked for each request; null lets it pass.</summary>
    public Func<ProxiedRequest, Fault?> Faults { get; set; } = static _ => null;

    /// <summary>The requests that came, in order.</summary>
    public IReadOnlyCollection<ProxiedRequest> Requests => _requests;

    public static async Task<FaultProxy> StartAsync(Uri? service)
    {
        var proxy = new FaultProxy(service);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Forgets the requests that came.</summary>
    public void Clear() => _requests.Clear();

    public async ValueTask DisposeAsync()
    {
        using (var now = new CancellationTokenSource(0))
        {
            await _app.StopAsync(now.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = context.Request.Headers.ToDictionary(static h => h.Key, static h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new ProxiedRequest(context.Request.Method, target, headers.GetValueOrDefault);
        _requests.Enqueue(request);
        var fault = Faults(request) ?? (_service is null ? new Fault.Answer(501, "NotImplemented") : null);
        switch (fault)
        {
            case Fault.Answer answer:
                await AnswerAsync(
                    context,
                    answer.Status,
                    $"<?xml version=\"1.0\"?><Error><Code>{answer.Code}</Code><Message>{answer.Message}</Message><RequestId>r1</RequestId></Error>",
                    [("Content-Type", "application/xml")]);
                return;
            case Fault.Raw raw:
                await AnswerAsync(context, raw.Status, raw.Body, raw.Headers);
                return;
            case Fault.ResetBefore:
                context.Abort();
                return;
            case Fault.Hang:
                await HangAsync(context);
                return;
            default:
                await ForwardAsync(context, target, fault);
                return;
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, string body, (string Name, string Value)[] headers)
    {
        // Read to the end, or the client sees a reset instead of the answer.
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        if (context.Request.Method != "HEAD")
        {
            await context.Response.WriteAsync(body);
        }
    }

    private static Task HangAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.RequestAborted.Register(gone.SetResult);
        return gone.Task;
    }

    private async Task ForwardAsync(HttpContext context, string target, Fault? fault)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var uri = new Uri($"{_service!.GetLeftPart(UriPartial.Authority)}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(new HttpMethod(context.Request.Method), uri);
        if (body.Length > 0 || context.Request.Method is "PUT" or "POST")
        {
            message.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, value) in context.Request.Headers)
        {
            // The host is signed, so it stays the one that the client wrote.
            if (name is not ("Content-Length" or "Connection" or "Transfer-Encoding" or "Expect") && !message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
        }

        using var response = await _client.SendAsync(message, CancellationToken.None);
        var content = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        if (fault is Fault.ResetAfter)
        {
            context.Abort();
            return;
        }

        if (fault is Fault.HangAfter)
        {
            await HangAsync(context);
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, value) in response.Headers.Concat(response.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection"))
            {
                context.Response.Headers[name] = value.ToArray();
            }
        }

        if (fault is Fault.Truncate && content.Length > 0)
        {
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, content.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        if (content.Length > 0)
        {
            await context.Response.Body.WriteAsync(content);
        }
    }
}
