using System.Runtime.InteropServices;

namespace Deucalion.Common.Threads;

/// <summary>What .NET does not offer for threads on Linux.</summary>
public static partial class LinuxThread
{
    private const int PrioProcess = 0;
    private const long SetAttributesX64 = 314;
    private const long SetAttributesArm64 = 274;

    // Shortest that the kernel takes.
    private const ulong ShortestSlice = 100_000;

    /// <summary>
    /// Lets the calling thread step back behind others by so many nice levels, for good, and makes its slices the shortest there are: Linux 6.12 and later let a
    /// thread run to the end of its slice before another that wakes, some milliseconds by default, and take the rest of it where the thread yields. False where the
    /// system refuses, which only means that it does not step back.
    /// </summary>
    public static bool TryStepBack(int niceLevels)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return false;
            }

            var attributes = new SchedulingAttributes { Size = (uint)Marshal.SizeOf<SchedulingAttributes>(), Nice = niceLevels, Slice = ShortestSlice };
            var call = RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => SetAttributesX64,
                Architecture.Arm64 => SetAttributesArm64,
                _ => 0,
            };

            // To Linux a process number of 0 is the calling thread.
            return (call != 0 && SystemCall(call, 0, ref attributes, 0) == 0) || SetPriority(PrioProcess, 0, niceLevels) == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long thread, ref SchedulingAttributes attributes, long flags);

    /// <summary>As <c>sched_setattr(2)</c> has it: policy 0, the usual one.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Slice;
        public ulong Deadline;
        public ulong Period;
    }
}
