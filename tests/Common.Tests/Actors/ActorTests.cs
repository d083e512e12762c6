using Deucalion.Common.Actors;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Common.Tests.Actors;

public sealed class ActorTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly TestMeterFactory _meters = new();
    private readonly ActorSystem _system;

    public ActorTests()
    {
        _system = new ActorSystem(TimeProvider.System, new ActorMetrics(_meters), NullLogger<ActorSystem>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task HandlesMessagesInOrder_OneAtATime()
    {
        var state = new Counter();
        var actor = Spawn(state, new ActorOptions { Capacity = 10 });
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(
            async () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    await actor.TellAsync(new Add(sender, i), Token);
                }
            },
            Token));
        await Task.WhenAll(senders);
        var total = await actor.AskAsync<int>(static reply => new Get(reply), Long, Token);

        Assert.Equal(2000, total);
        Assert.False(state.Overlapped);
        Assert.All(state.Seen.GroupBy(static add => add.Sender), static group => Assert.Equal(Enumerable.Range(0, 500), group.Select(static add => add.Value)));
        await _system.StopAsync(Token);
        Assert.Equal(2001, _meters.Sum("deucalion_actor_messages_total"));
        Assert.Equal(0, _meters.Sum("deucalion_actor_mailbox_messages"));
        Assert.Equal(0, _meters.Sum("deucalion_actors"));
    }

    [Fact]
    public async Task RefusesMessages_WhenTheMailboxIsFull_ButNotUrgentOnes()
    {
        var state = new Counter();
        var actor = Spawn(state, new ActorOptions { Capacity = 2 });
        var gate = new Gate();
        Assert.True(actor.TryTell(gate));
        await gate.Entered.Task;
        Assert.True(actor.TryTell(new Add(0, 1)));
        Assert.True(actor.TryTell(new Add(0, 2)));
        Assert.False(actor.TryTell(new Add(0, 3)));
        Assert.True(actor.TellUrgent(new Add(9, 0)));
        var waits = actor.TellAsync(new Add(0, 4), Token).AsTask();
        Assert.False(waits.IsCompleted);
        gate.Open.SetResult();
        await waits;
        await actor.StopAsync(Token);

        Assert.Equal([9, 0, 0, 0], state.Seen.Select(static add => add.Sender));
    }

    [Fact]
    public async Task WakesForUrgentMessages_WhenIdle()
    {
        var actor = Spawn(new Counter(), new ActorOptions());
        for (var i = 0; i < 200; i++)
        {
            Assert.True(actor.TellUrgent(new Add(0, i)));
            Assert.Equal(i + 1, await actor.AskAsync<int>(static reply => new Get(reply), Long, Token));
        }
    }

    [Fact]
    public async Task AskTimesOut_IsCancelled_OrHearsOfTheFailure()
    {
        var actor = Spawn(new Counter(), new ActorOptions { MinBackoff = TimeSpan.Zero });
        var gate = new Gate();
        await actor.TellAsync(gate, Token);
        await Assert.ThrowsAsync<TimeoutException>(() => actor.AskAsync<int>(static reply => new Get(reply), TimeSpan.FromMilliseconds(20), Token));
        using var cancelled = new CancellationTokenSource();
        var asked = actor.AskAsync<int>(static reply => new Get(reply), Long, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        gate.Open.SetResult();
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => actor.AskAsync<int>(static reply => new Break(reply), Long, Token));
        Assert.Equal("broken", failure.Message);
    }

    [Fact]
    public async Task StartsAnew_AfterAFailure_AndKeepsWhatWaits()
    {
        var made = new List<Counter>();
        var actor = _system.Spawn<Message>(
            "counter",
            "1",
            _ =>
            {
                made.Add(new Counter());
                return made[^1];
            },
            new ActorOptions { MinBackoff = TimeSpan.FromMilliseconds(1) });
        await actor.TellAsync(new Add(0, 1), Token);
        var broken = new Reply<int>();
        await actor.TellAsync(new Break(broken), Token);
        await actor.TellAsync(new Add(0, 2), Token);

        Assert.Equal(1, await actor.AskAsync<int>(static reply => new Get(reply), Long, Token));
        Assert.Equal(2, made.Count);
        Assert.IsType<InvalidDataException>(made[0].StoppedBy);
        Assert.Equal(1, _meters.Sum("deucalion_actor_restarts_total"));
        Assert.False(_system.Escalated.IsCompleted);
    }

    [Fact]
    public async Task Escalates_WhenItFailsTooOften()
    {
        var actor = Spawn(new Counter(), new ActorOptions { MaxRestarts = 3, MinBackoff = TimeSpan.FromMilliseconds(1) });
        for (var i = 0; i < 4; i++)
        {
            await actor.TellAsync(new Break(new Reply<int>()), Token);
        }

        var waiting = actor.AskAsync<int>(static reply => new Get(reply), Long, Token);
        Assert.IsType<InvalidDataException>(await _system.Escalated);
        await Assert.ThrowsAsync<ActorStoppedException>(() => waiting);
        await Assert.ThrowsAsync<ActorStoppedException>(() => actor.Completion);
        await Assert.ThrowsAsync<ActorStoppedException>(async () => await actor.TellAsync(new Add(0, 0), Token));
        Assert.False(actor.TryTell(new Add(0, 0)));
        await _system.StopAsync(Token);
    }

    [Fact]
    public async Task HandlesWhatWaits_BeforeItStops()
    {
        var state = new Counter();
        var actor = Spawn(state, new ActorOptions());
        var gate = new Gate();
        await actor.TellAsync(gate, Token);
        for (var i = 0; i < 10; i++)
        {
            await actor.TellAsync(new Add(0, i), Token);
        }

        var stopped = _system.StopAsync(Token);
        Assert.False(actor.TryTell(new Add(0, 99)));
        gate.Open.SetResult();
        await stopped;

        Assert.Equal(10, state.Seen.Count);
        Assert.True(state.Stopped);
        Assert.Null(state.StoppedBy);
    }

    [Fact]
    public async Task DropsWhatWaits_WhenTheStopRunsOutOfPatience()
    {
        var state = new Counter();
        var actor = Spawn(state, new ActorOptions());
        var gate = new Gate();
        await actor.TellAsync(gate, Token);
        await gate.Entered.Task;
        var asked = actor.AskAsync<int>(static reply => new Get(reply), Long, Token);
        using var patience = new CancellationTokenSource();
        var stopped = actor.StopAsync(patience.Token);
        await patience.CancelAsync();
        await stopped;

        await Assert.ThrowsAsync<ActorStoppedException>(() => asked);
        Assert.True(state.Stopped);
    }

    private ActorRef<Message> Spawn(Counter counter, ActorOptions options) => _system.Spawn<Message>("counter", "1", _ => counter, options);

    private abstract record Message;

    private sealed record Add(int Sender, int Value) : Message;

    private sealed record Get(Reply<int> Reply) : Message;

    private sealed record Break(Reply<int> Reply) : Message, IFailableMessage
    {
        public void Fail(Exception reason) => Reply.Fail(reason);
    }

    private sealed record Gate : Message
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Counter : IActor<Message>
    {
        private int _inside;

        public List<Add> Seen { get; } = [];

        public bool Overlapped { get; private set; }

        public bool Stopped { get; private set; }

        public Exception? StoppedBy { get; private set; }

        public ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public async ValueTask ReceiveAsync(Message message, CancellationToken cancellationToken)
        {
            Overlapped |= Interlocked.Increment(ref _inside) != 1;
            switch (message)
            {
                case Add add:
                    Seen.Add(add);
                    break;
                case Get get:
                    get.Reply.Set(Seen.Count);
                    break;
                case Gate gate:
                    gate.Entered.TrySetResult();
                    await gate.Open.Task.WaitAsync(cancellationToken);
                    break;
                default:
                    Interlocked.Decrement(ref _inside);
                    throw new InvalidDataException("broken");
            }

            Interlocked.Decrement(ref _inside);
        }

        public ValueTask StopAsync(Exception? failure)
        {
            Stopped = true;
            StoppedBy = failure;
            return ValueTask.CompletedTask;
        }
    }
}
