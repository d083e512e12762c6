using Deucalion.Cluster.Companions;
using Deucalion.Cluster.Nodes;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Cluster.Proof;

/// <summary>A node of the fake cluster: an HTTP server in this process that can be killed, paused and started.</summary>
internal sealed class FakeNode : IClusterNode, IAsyncDisposable
{
    private readonly FakeCluster _cluster;
    private readonly LocalServer _server;
    private TaskCompletionSource? _paused;
    private bool _stopped;

    public FakeNode(FakeCluster cluster, string name, string zone)
    {
        _cluster = cluster;
        Name = name;
        Zone = zone;
        Id = Guid.NewGuid().ToString("N");
        _server = new LocalServer(AnswerAsync);
    }

    public string Name { get; }

    public string Zone { get; }

    public string Id { get; private set; }

    // The fake has one version.
    public string Program { get; set; } = string.Empty;

    public Uri Url { get; private set; } = null!; // Set once it listens, before anybody else sees the node.

    public bool IsRunning => !_stopped && _paused is null;

    public bool IsPaused => !_stopped && _paused is not null;

    /// <summary>Whether its disk has no room for appends.</summary>
    public bool IsFull { get; private set; }

    public async Task ListenAsync() => Url = await _server.StartAsync();

    public Task StartAsync()
    {
        _stopped = false;
        _cluster.Changed();
        return Task.CompletedTask;
    }

    public Task KillAsync()
    {
        _stopped = true;
        _cluster.Broke();
        return Task.CompletedTask;
    }

    // In order: others have taken over before it goes, and whoever stands in front of it has noticed.
    public async Task StopAsync()
    {
        IsStopping = true;
        await _cluster.HandOffAsync(this);
        _stopped = true;
        IsStopping = false;
        _cluster.Broke();
    }

    public bool IsStopping { get; private set; }

    public void Pause()
    {
        _paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Broke();
    }

    public void Resume()
    {
        _paused?.SetResult();
        _paused = null;
        _cluster.Changed();
    }

    public void Wipe() => Id = Guid.NewGuid().ToString("N");

    public Task FillDiskAsync()
    {
        IsFull = true;
        _cluster.Broke();
        return Task.CompletedTask;
    }

    public Task EmptyDiskAsync()
    {
        IsFull = false;
        _cluster.Changed();
        return Task.CompletedTask;
    }

    public void ShiftClock(TimeSpan offset) => _cluster.Broke();

    public async ValueTask DisposeAsync()
    {
        _paused?.TrySetResult();
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (_paused is { } paused)
        {
            await paused.Task;
        }

        if (_stopped)
        {
            context.Abort();
            return;
        }

        var (status, body) = await _cluster.AnswerAsync(this, context);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }
}
