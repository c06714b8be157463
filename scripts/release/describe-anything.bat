@echo off
rem Starts the server in this folder. Needs Java 25 or later. Options go to the server, those in JAVA_OPTS to Java.
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" --enable-native-access=ALL-UNNAMED -XX:+ExitOnOutOfMemoryError %JAVA_OPTS% -jar "%~dp0describe-anything.jar" %*
