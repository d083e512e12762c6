using Deucalion.Node.Cli;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Deucalion.Node.Tests.Cli;

/// <summary><c>deucalion tenants</c> against a node that answers what the test says.</summary>
public sealed class TenantsCommandTests : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<string> _asked = [];
    private (int Status, string Body) _answer;

    public TenantsCommandTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            _asked.Add($"{context.Request.Method} {context.Request.Path}");
            context.Response.StatusCode = _answer.Status;
            await context.Response.WriteAsync(_answer.Body);
        });
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task ListsTenants()
    {
        _answer = (200, """{"status":"success","data":[{"tenant":"team-a","active_series":1200,"samples_per_second":80.5,"has_blocks":true,"has_overrides":false}]}""");
        var (code, output, _) = await RunAsync("tenants", "list");
        Assert.Equal(0, code);
        Assert.Equal("TENANT  ACTIVE SERIES  SAMPLES/S  BLOCKS  OVERRIDES\nteam-a           1200       80.5  yes     no\n", output);
        Assert.Equal(["GET /api/v1/admin/tenants"], _asked);
    }

    [Fact]
    public async Task DeletesATenant()
    {
        _answer = (200, """{"status":"success","data":{"tenant":"team-a","series":3,"blocks":2,"bytes":100,"partitions":9}}""");
        var (code, output, _) = await RunAsync("tenants", "delete", "team-a");
        Assert.Equal(0, code);
        Assert.StartsWith("tenant team-a is deleted: 3 recent series, 2 blocks of 100 bytes;", output, StringComparison.Ordinal);
        Assert.Equal(["DELETE /api/v1/admin/tenants/team-a"], _asked);
    }

    [Fact]
    public async Task SaysWhatTheNodeSays_WhereItFails()
    {
        _answer = (503, """{"status":"error","errorType":"unavailable","error":"1 of 9 partitions"}""");
        var (code, output, errors) = await RunAsync("tenants", "delete", "team-a");
        Assert.Equal((1, "", "deucalion: 1 of 9 partitions\n"), (code, output, errors));
    }

    [Fact]
    public async Task AsksNobody_WhereTheNameIsNone()
    {
        var (code, _, errors) = await RunAsync("tenants", "delete", "team/a");
        Assert.Equal(2, code);
        Assert.Contains("unsupported character '/'", errors, StringComparison.Ordinal);
        Assert.Empty(_asked);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await using var output = new StringWriter { NewLine = "\n" };
        await using var errors = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync([.. arguments, "--url", _app.Urls.Single()], output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
