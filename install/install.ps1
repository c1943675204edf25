# Installs devsvc on Windows (PowerShell 5.1 or newer):
#
#   install.ps1 [VERSION]         (default: the newest)
#
# DEVSVC_INSTALL         the folder it goes to; default: %LOCALAPPDATA%\Programs\devsvc
# DEVSVC_DOWNLOAD_BASE   where releases lie, for a mirror; as on GitHub there are
#                        BASE/download/vVERSION/FILE and BASE/latest/download/FILE
#
# What is downloaded must have the checksum that SHA256SUMS names. Nothing is
# put in place before it has, and has run once.
param([string]$Version = '')

# In a function: half a script does nothing.
function Install-Devsvc([string]$Version) {
  $ErrorActionPreference = 'Stop'
  # The progress bar makes a download many times slower in PowerShell 5.1.
  $ProgressPreference = 'SilentlyContinue'
  [Net.ServicePointManager]::SecurityProtocol =
    [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

  $base = if ($env:DEVSVC_DOWNLOAD_BASE) { $env:DEVSVC_DOWNLOAD_BASE }
    else { 'https://github.com/devsvc/devsvc/releases' }
  $folder = if ($env:DEVSVC_INSTALL) { $env:DEVSVC_INSTALL }
    else { Join-Path $env:LOCALAPPDATA 'Programs\devsvc' }
  # A 32-bit or emulated PowerShell has the real one in the second.
  $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 }
    else { $env:PROCESSOR_ARCHITECTURE }
  $arch = switch ($machine) {
    'AMD64' { 'x86_64' }
    'ARM64' { 'aarch64' }
    default { throw "there is no build for ${machine}: only for AMD64 and ARM64" }
  }
  $Version = $Version -replace '^v', ''
  $from = if ($Version) { "$base/download/v$Version" } else { "$base/latest/download" }

  $work = Join-Path ([IO.Path]::GetTempPath()) "devsvc-$([guid]::NewGuid())"
  $staged = Join-Path $folder ".devsvc-new-$PID.exe"
  New-Item -ItemType Directory $work | Out-Null
  try {
    $sums = Join-Path $work 'SHA256SUMS'
    try { Invoke-WebRequest -UseBasicParsing "$from/SHA256SUMS" -OutFile $sums }
    catch {
      $wanted = if ($Version) { $Version } else { 'the newest' }
      throw "cannot download $from/SHA256SUMS: is $wanted a released version, and is the network there?"
    }
    # "CHECKSUM  devsvc-VERSION-OS-ARCH.zip"
    $pattern = "^([0-9a-f]{64})  (devsvc-[0-9A-Za-z.+-]+-windows-$arch)\.zip$"
    $line = Get-Content $sums | Where-Object { $_ -match $pattern } | Select-Object -First 1
    if (-not $line) { throw "there is no build for windows-$arch in $from/SHA256SUMS" }
    $line -match $pattern | Out-Null
    $expected = $Matches[1]
    $name = $Matches[2]

    $archive = Join-Path $work "$name.zip"
    try { Invoke-WebRequest -UseBasicParsing "$from/$name.zip" -OutFile $archive }
    catch { throw "cannot download $from/$name.zip" }
    $found = (Get-FileHash -Algorithm SHA256 $archive).Hash.ToLowerInvariant()
    if ($found -ne $expected) {
      throw "$name.zip is not what was released: its checksum is $found, expected $expected; nothing was installed"
    }

    Expand-Archive $archive -DestinationPath $work
    New-Item -ItemType Directory -Force $folder | Out-Null
    # Beside its place, so that the last step is one rename.
    Copy-Item (Join-Path $work "$name\devsvc.exe") $staged
    $installed = & $staged --version
    if ($LASTEXITCODE -ne 0) { throw "the build for windows-$arch does not run here; nothing was installed" }
    Move-Item -Force $staged (Join-Path $folder 'devsvc.exe')
  }
  finally {
    Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $work, $staged
  }

  "devsvc $installed is installed: $(Join-Path $folder 'devsvc.exe')"
  if (($env:PATH -split ';') -notcontains $folder) {
    "To call it by its name, add $folder to PATH."
  }
}

try { Install-Devsvc $Version }
catch {
  [Console]::Error.WriteLine("devsvc: $($_.Exception.Message)")
  # Through "irm | iex" it would end the user's session.
  if ($PSCommandPath) { exit 1 }
}
