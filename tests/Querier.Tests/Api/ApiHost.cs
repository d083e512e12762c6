using System.Net.Http.Headers;
using System.Text;
using Deucalion.Querier.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Deucalion.Querier.Tests.Api;

/// <summary>The API on a free port of the loopback.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ApiHost(WebApplication application, HttpClient client)
    {
        _application = application;
        Client = client;
    }

    public HttpClient Client { get; }

    public static async Task<ApiHost> StartAsync(ITenantSources sources, QuerierOptions? options = null, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        more?.Invoke(builder.Services);
        builder.Services.AddSingleton(sources);
        builder.Services.AddQuerier(options ?? new QuerierOptions());
        var application = builder.Build();
        application.MapQuerier();
        await application.StartAsync();
        return new ApiHost(application, new HttpClient { BaseAddress = new Uri(application.Urls.First()) });
    }

    /// <summary>Sends "METHOD PATH [FORM BODY]" and returns status and body.</summary>
    public async Task<(int Status, string Body)> SendAsync(string request, params (string Name, string Value)[] headers)
    {
        using var response = await SendRawAsync(request, headers);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<HttpResponseMessage> SendRawAsync(string request, params (string Name, string Value)[] headers)
    {
        var parts = request.Split(' ', 3);
        using var message = new HttpRequestMessage(new HttpMethod(parts[0]), AsWritten(parts[1]));
        if (parts.Length > 2)
        {
            message.Content = new StringContent(parts[2], Encoding.UTF8);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        foreach (var (name, value) in headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(message);
    }

    // Bad escapes must reach the server as they are.
    private Uri AsWritten(string path) =>
        new(Client.BaseAddress!.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
