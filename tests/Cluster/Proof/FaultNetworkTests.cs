using System.Net;
using System.Net.Sockets;
using Deucalion.Cluster.Network;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>Links do what they are told: whole, cut, held in one direction, slow, narrow; and the proxy knows who connects.</summary>
public sealed class FaultNetworkTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly LineServer _server = new();
    private readonly Dictionary<int, string> _processes = [];
    private readonly FaultNetwork _network;

    public FaultNetworkTests()
    {
        _network = new FaultNetwork(() => _processes);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task CarriesBytesBothWays_WhenNothingIsBroken()
    {
        using var client = await ConnectAsync(_network.ListenFrom("a", "b", _server.Port));
        Assert.Equal("hello", await EchoAsync(client, "hello"));
        client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.Client.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ResetsOldAndNewConnections_WhenCutAndServesAgainWhenHealed()
    {
        var port = _network.ListenFrom("a", "b", _server.Port);
        using var client = await ConnectAsync(port);
        await EchoAsync(client, "hello");
        _network.Cut("b", "a");
        await Assert.ThrowsAnyAsync<IOException>(() => EchoAsync(client, "again"));
        await Assert.ThrowsAnyAsync<IOException>(() => ConnectAndEchoAsync(port));

        _network.Heal();
        using var third = await ConnectAsync(port);
        Assert.Equal("again", await EchoAsync(third, "again"));
    }

    [Fact]
    public async Task HoldsOneDirectionOnly_WhenHeldOneWay()
    {
        using var client = await ConnectAsync(_network.ListenFrom("a", "b", _server.Port));
        await EchoAsync(client, "hello");
        _network.Hold("b", "a");
        var answer = EchoAsync(client, "question");
        await Eventually.TrueAsync(() => Task.FromResult(_server.Received == 13), Soon, () => $"the question arrives: {_server.Received}");
        Assert.False(answer.IsCompleted);
        _network.Heal();
        Assert.Equal("question", await answer.WaitAsync(Soon, TestContext.Current.CancellationToken));

        _network.Hold("a", "b");
        var second = EchoAsync(client, "second");
        await Assert.ThrowsAsync<TimeoutException>(() => second.WaitAsync(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
        Assert.Equal(13, _server.Received);
        _network.Heal();
        Assert.Equal("second", await second.WaitAsync(Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AppliesToTheConnectionsThatThePeerOpened_WhenHeldOneWay()
    {
        // What b sends is held, whoever opened the connection.
        using var client = await ConnectAsync(_network.ListenFrom("b", "a", _server.Port));
        await EchoAsync(client, "hello");
        _network.Hold("b", "a");
        var answer = EchoAsync(client, "question");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
        Assert.Equal(5, _server.Received);
        _network.Heal();
        await answer.WaitAsync(Soon, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task DeliversLater_WhenDelayed()
    {
        using var client = await ConnectAsync(_network.ListenFrom("a", "b", _server.Port));
        await EchoAsync(client, "hello");
        _network.Delay("a", "b", TimeSpan.FromMilliseconds(400));
        var begun = TimeProvider.System.GetTimestamp();
        await EchoAsync(client, "slow");
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.FromMilliseconds(390), Soon);
    }

    [Fact]
    public async Task DeliversSlowly_WhenLimited()
    {
        using var client = await ConnectAsync(_network.ListenFrom("a", "b", _server.Port));
        _network.Limit("a", "b", 20_000);
        var begun = TimeProvider.System.GetTimestamp();
        await EchoAsync(client, new string('x', 10_000));
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun), TimeSpan.FromMilliseconds(450), Soon);
    }

    [Fact]
    public async Task KnowsTheProcessThatConnects_AndTurnsOthersAway()
    {
        var port = _network.ListenFor("b", _server.Port);
        var script = $"exec 3<>/dev/tcp/127.0.0.1/{port}; echo hello >&3; read -r line <&3; echo \"got $line\"; read -r line <&3; echo ended";
        using var stranger = new ChildProcess("bash", ["-c", script]);
        await stranger.WaitAsync(Soon);
        Assert.DoesNotContain("got hello", stranger.Output, StringComparison.Ordinal);

        // The process is known before it connects, as a node's is.
        using var known = new ChildProcess("bash", ["-c", "kill -STOP $$; " + script]);
        _processes[known.Id] = "a";
        await Eventually.TrueAsync(() => Task.FromResult(File.ReadAllText($"/proc/{known.Id}/stat").Contains(") T ", StringComparison.Ordinal)), Soon, static () => "the process stops itself");
        known.Signal(18);
        await Eventually.TrueAsync(() => Task.FromResult(known.Output.Contains("got hello", StringComparison.Ordinal)), Soon, () => $"the known process is served: {known.Output}");
        Assert.Equal([("a", "b")], _network.Connections);
        _network.Cut("a", "b");
        await known.WaitAsync(Soon);
    }

    // The reset may meet the client while it connects or later.
    private static async Task ConnectAndEchoAsync(int port)
    {
        try
        {
            using var client = await ConnectAsync(port);
            await EchoAsync(client, "again");
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static async Task<TcpClient> ConnectAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    private static async Task<string> EchoAsync(TcpClient client, string text)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        await client.GetStream().WriteAsync(bytes);
        var back = new byte[bytes.Length];
        await client.GetStream().ReadExactlyAsync(back);
        return System.Text.Encoding.ASCII.GetString(back);
    }
}
