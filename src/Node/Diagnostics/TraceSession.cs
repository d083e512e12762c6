using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Deucalion.Node.Diagnostics;

/// <summary>
/// A recording of this process's own runtime in the nettrace format, which PerfView, Visual Studio and dotnet-trace read. It is asked for through the runtime's
/// diagnostic socket, as tools outside the process do. Not thread-safe.
/// </summary>
internal sealed class TraceSession : IDisposable
{
    private const byte EventPipeCommands = 0x02;
    private const byte StopCommand = 0x01;
    private const byte CollectCommand = 0x03;
    private const byte ServerCommands = 0xFF;
    private const byte Succeeded = 0x00;
    private const int HeaderBytes = 20;
    private const uint BufferMegabytes = 64;
    private const uint NetTraceFormat = 1;

    private readonly string _socket;
    private readonly NetworkStream _events;
    private readonly ulong _id;

    private TraceSession(string socket, NetworkStream events, ulong id)
    {
        _socket = socket;
        _events = events;
        _id = id;
    }

    private static ReadOnlySpan<byte> Magic => "DOTNET_IPC_V1\0"u8;

    /// <summary>Begins to record.</summary>
    /// <exception cref="IOException">The runtime's diagnostics are switched off (DOTNET_EnableDiagnostics=0) or refuse.</exception>
    public static async Task<TraceSession> StartAsync(IReadOnlyList<TraceProvider> providers, CancellationToken cancellationToken)
    {
        var socket = FindSocket();
        var (stream, answer) = await CommandAsync(socket, CollectCommand, CollectPayload(providers), cancellationToken);
        return new TraceSession(socket, stream, BinaryPrimitives.ReadUInt64LittleEndian(answer));
    }

    /// <summary>Copies events until the recording ends.</summary>
    public Task CopyToAsync(Stream target, CancellationToken cancellationToken) => _events.CopyToAsync(target, cancellationToken);

    /// <summary>Ends the recording: what is outstanding and the names of methods still come.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var id = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(id, _id);
        var (stream, _) = await CommandAsync(_socket, StopCommand, id, cancellationToken);
        await stream.DisposeAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private static string FindSocket()
    {
        var found = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-*-socket");
        return found.Length > 0 ? found.MaxBy(File.GetCreationTimeUtc)! : throw new IOException("the runtime has no diagnostic socket: is DOTNET_EnableDiagnostics 0, or TMPDIR not writable?");
    }

    private static byte[] CollectPayload(IReadOnlyList<TraceProvider> providers)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.Unicode);
        writer.Write(BufferMegabytes);
        writer.Write(NetTraceFormat);
        writer.Write(true);
        writer.Write((uint)providers.Count);
        foreach (var provider in providers)
        {
            writer.Write(provider.Keywords);
            writer.Write(provider.Level);
            writer.Write((uint)provider.Name.Length + 1);
            writer.Write(Encoding.Unicode.GetBytes(provider.Name + "\0"));
            writer.Write(0u);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    private static async Task<(NetworkStream Stream, byte[] Answer)> CommandAsync(string path, byte command, byte[] payload, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        NetworkStream stream;
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"the runtime's diagnostic socket does not answer: {e.Message}", e);
        }

        try
        {
            await stream.WriteAsync(Message(command, payload), cancellationToken);
            var header = new byte[HeaderBytes];
            await stream.ReadExactlyAsync(header, cancellationToken);
            var answer = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(14)) - HeaderBytes];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return header[16] == ServerCommands && header[17] == Succeeded
                ? (stream, answer)
                : throw new IOException($"the runtime refuses to record: {Convert.ToHexString(answer)}");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static byte[] Message(byte command, byte[] payload)
    {
        var message = new byte[HeaderBytes + payload.Length];
        Magic.CopyTo(message);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        message[16] = EventPipeCommands;
        message[17] = command;
        payload.CopyTo(message, HeaderBytes);
        return message;
    }
}
