using System.Threading.Channels;
using Deucalion.Common.Actors;
using Deucalion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Common.Tests.Actors;

/// <summary>The pauses between restarts, on a clock that only the test moves, and what is counted of each kind of actor.</summary>
public sealed class ActorBackoffTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // The longest pause is not a double of the first one.
    private static readonly ActorOptions Options = new()
    {
        MinBackoff = First,
        MaxBackoff = TimeSpan.FromSeconds(1),
        MaxRestarts = 10,
        RestartWindow = Window,
    };

    private readonly TestMeterFactory _meters = new();
    private readonly PausedClock _clock = new();
    private readonly Channel<bool> _started = Channel.CreateUnbounded<bool>();
    private readonly ActorSystem _system;

    public ActorBackoffTests()
    {
        _system = new ActorSystem(_clock, new ActorMetrics(_meters), NullLogger<ActorSystem>.Instance);
    }

    private enum Message
    {
        Work,
        Break,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task PausesTwiceAsLongEachTime_UpToTheMost()
    {
        var actor = Spawn("wall");
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 6; i++)
        {
            pauses.Add(await BreakAsync(actor, TimeSpan.Zero));
        }

        Assert.Equal([100, 200, 400, 800, 1000, 1000], pauses.Select(static pause => (int)pause.TotalMilliseconds));
    }

    [Fact]
    public async Task PausesAsAtFirst_WhenTheInstanceLivedForTheWindow()
    {
        var actor = Spawn("wall");
        Assert.Equal(First, await BreakAsync(actor, TimeSpan.Zero));
        Assert.Equal(2 * First, await BreakAsync(actor, Window - Instant));
        Assert.Equal(4 * First, await BreakAsync(actor, Window - Instant));
        Assert.Equal(First, await BreakAsync(actor, Window));
        Assert.Equal(2 * First, await BreakAsync(actor, TimeSpan.Zero));
    }

    [Fact]
    public async Task CountsEachKindApart()
    {
        var wall = Spawn("wall");
        await BreakAsync(wall, TimeSpan.Zero);
        Assert.True(wall.TryTell(Message.Break));
        await NextAsync(_clock.Pauses);
        var door = Spawn("door");
        Assert.True(door.TryTell(Message.Break));
        await NextAsync(_clock.Pauses);

        // Both are in a pause: what they are told waits.
        Assert.True(wall.TryTell(Message.Work));
        Assert.True(wall.TryTell(Message.Work));
        Assert.True(door.TryTell(Message.Work));
        Assert.Equal((2, 1), Counted("deucalion_actor_failures_total"));
        Assert.Equal((2, 1), Counted("deucalion_actor_restarts_total"));
        Assert.Equal((2, 1), Counted("deucalion_actor_mailbox_messages"));
        Assert.Equal((1, 1), Counted("deucalion_actors"));
        Assert.Equal((0, 0), Counted("deucalion_actor_messages_total"));

        _clock.Advance(2 * First);
        await _system.StopAsync(Token).WaitAsync(Long, Token);
        Assert.Equal((2, 1), Counted("deucalion_actor_messages_total"));
        Assert.Equal((0, 0), Counted("deucalion_actor_mailbox_messages"));
        Assert.Equal((0, 0), Counted("deucalion_actors"));
    }

    private static Task<T> NextAsync<T>(ChannelReader<T> channel) => channel.ReadAsync(Token).AsTask().WaitAsync(Long, Token);

    private ActorRef<Message> Spawn(string kind) => _system.Spawn<Message>(kind, "1", _ => new Breakable(_started.Writer), Options);

    private (int Wall, int Door) Counted(string instrument) => ((int)_meters.Sum(instrument, "kind=wall"), (int)_meters.Sum(instrument, "kind=door"));

    /// <summary>Breaks the next instance when it has lived that long; returns the pause that follows, which is over then and not before.</summary>
    private async Task<TimeSpan> BreakAsync(ActorRef<Message> actor, TimeSpan life)
    {
        await NextAsync(_started.Reader);
        _clock.Advance(life);
        Assert.True(actor.TryTell(Message.Break));
        var pause = await NextAsync(_clock.Pauses);
        _clock.Advance(pause - Instant);
        Assert.False(_started.Reader.TryRead(out _), "it started before the pause was over");
        _clock.Advance(Instant);
        return pause;
    }

    private sealed class Breakable(ChannelWriter<bool> started) : IActor<Message>
    {
        public ValueTask StartAsync(CancellationToken cancellationToken)
        {
            started.TryWrite(true);
            return ValueTask.CompletedTask;
        }

        public ValueTask ReceiveAsync(Message message, CancellationToken cancellationToken) =>
            message == Message.Break ? throw new InvalidDataException("broken") : ValueTask.CompletedTask;

        public ValueTask StopAsync(Exception? failure) => ValueTask.CompletedTask;
    }

    /// <summary>Tells of each wait that has begun, so that the clock is moved then and not earlier.</summary>
    private sealed class PausedClock : TimeProvider
    {
        private readonly ManualTime _time = new();
        private readonly Channel<TimeSpan> _pauses = Channel.CreateUnbounded<TimeSpan>();

        public ChannelReader<TimeSpan> Pauses => _pauses.Reader;

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override long GetTimestamp() => _time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = _time.CreateTimer(callback, state, dueTime, period);
            _pauses.Writer.TryWrite(dueTime);
            return timer;
        }

        public void Advance(TimeSpan time) => _time.Advance(time);
    }
}
